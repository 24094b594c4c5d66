import { CONTRACT_ROWS, type ContractName } from "./rows.ts";

export const CONTRACT_NAMES = Object.keys(CONTRACT_ROWS) as readonly ContractName[];

/** The columns a view promises, in order. */
export function contractColumns(name: ContractName): readonly string[] {
  return Object.keys(CONTRACT_ROWS[name].shape);
}

export interface ContractProblem {
  readonly view: ContractName;
  readonly reason: "missing view" | "missing column" | "unknown column" | "wrong order";
  /** The columns in question; empty for a missing view. */
  readonly columns: readonly string[];
}

/**
 * Compares the columns that a database really has, by view, with what is promised. Empty = the promise is kept. Views of other names are
 * nobody's promise and are passed over.
 */
export function contractProblems(found: ReadonlyMap<string, readonly string[]>): readonly ContractProblem[] {
  return CONTRACT_NAMES.flatMap((view) => {
    const columns = found.get(view);
    return columns === undefined ? [{ view, reason: "missing view" as const, columns: [] }] : columnProblems(view, columns);
  });
}

function columnProblems(view: ContractName, columns: readonly string[]): ContractProblem[] {
  const promised = contractColumns(view);
  const missing = promised.filter((column) => !columns.includes(column));
  if (missing.length > 0) return [{ view, reason: "missing column", columns: missing }];
  const unknown = columns.filter((column, index) => !promised.includes(column) || columns.indexOf(column) !== index);
  if (unknown.length > 0) return [{ view, reason: "unknown column", columns: unknown }];
  const moved = columns.filter((column, index) => column !== promised[index]);
  return moved.length > 0 ? [{ view, reason: "wrong order", columns: moved }] : [];
}

/** One line for a person: what is wrong with which view. */
export function describeContractProblem(problem: ContractProblem): string {
  const columns = problem.columns.length > 0 ? `: ${problem.columns.join(", ")}` : "";
  return `${problem.view}: ${problem.reason}${columns}`;
}
