import { ClrFault } from "./fault.ts";

/** A dense matrix held column after column: cell (i, j) is `columns[j * rows + i]`. Fits then read memory in order, without a copy. */
export interface Design {
  readonly columns: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

export function createDesign(rows: number, cols: number): Design {
  return { columns: new Float64Array(rows * cols), rows, cols };
}

/** @throws ClrFault "shape mismatch" when the rows differ in length. */
export function designFromRows(rows: readonly (readonly number[])[]): Design {
  const cols = rows[0]?.length ?? 0;
  const design = createDesign(rows.length, cols);
  rows.forEach((row, i) => {
    if (row.length !== cols) throw new ClrFault("shape mismatch", `row ${i} has ${row.length} values instead of ${cols}`);
    for (let j = 0; j < cols; j++) design.columns[j * rows.length + i] = row[j]!;
  });
  return design;
}

/** The memory of one column, shared with the design. */
export function columnOf(design: Design, j: number): Float64Array {
  return design.columns.subarray(j * design.rows, (j + 1) * design.rows);
}

/** The first `cols` columns, sharing memory: nested candidates of one selection differ only by where they end. */
export function leadingColumns(design: Design, cols: number): Design {
  return { columns: design.columns.subarray(0, cols * design.rows), rows: design.rows, cols };
}

/** Copies the given rows and columns, in the given order. */
export function gather(design: Design, rowIndex: ArrayLike<number>, columnIndex: ArrayLike<number>): Design {
  const rows = rowIndex.length;
  const taken = createDesign(rows, columnIndex.length);
  for (let k = 0; k < columnIndex.length; k++) {
    const from = columnIndex[k]! * design.rows;
    const to = k * rows;
    for (let i = 0; i < rows; i++) taken.columns[to + i] = design.columns[from + rowIndex[i]!]!;
  }
  return taken;
}

/** Logits of every row: intercept + sum over columns of coefficient * cell. */
export function logitsOf(design: Design, coefficients: ArrayLike<number>, intercept: number): Float64Array {
  const logits = new Float64Array(design.rows).fill(intercept);
  for (let j = 0; j < design.cols; j++) {
    const coefficient = coefficients[j]!;
    if (coefficient === 0) continue;
    const from = j * design.rows;
    for (let i = 0; i < design.rows; i++) logits[i] = logits[i]! + coefficient * design.columns[from + i]!;
  }
  return logits;
}
