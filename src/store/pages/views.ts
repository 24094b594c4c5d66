import { contractColumns } from "../../core/contracts/contract.ts";
import type { ContractName } from "../../core/contracts/rows.ts";
import type { Db, Row } from "../db.ts";

export interface ViewSample {
  readonly view: ContractName;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** The first rows of a contract view, as any reader of the file sees them. */
export function readViewSample(db: Db, { view, limit }: { readonly view: ContractName; readonly limit: number }): ViewSample {
  return { view, columns: contractColumns(view), rows: db.all(`SELECT * FROM ${view} LIMIT ?`, limit) };
}
