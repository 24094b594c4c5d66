import { CONTRACT_NAMES, type ContractProblem, contractProblems } from "../core/contracts/contract.ts";
import type { Db } from "./db.ts";

/** Where the views of this very file differ from their promise; empty = all as promised. */
export function checkContracts(db: Db): readonly ContractProblem[] {
  const found = new Map<string, string[]>();
  for (const name of CONTRACT_NAMES) {
    try {
      found.set(
        name,
        db
          .prepare(`SELECT * FROM ${name}`)
          .columns()
          .map((column) => column.name),
      );
    } catch {
      // A view that cannot be read has no columns: the comparison says that it is missing.
    }
  }
  return contractProblems(found);
}
