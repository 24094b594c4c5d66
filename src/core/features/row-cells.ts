import { endUsOf, type Frame } from "./frame.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

/** In which cell each row of a timeline lies, found once for all that is summed from them. */
export interface RowCells {
  /** Rows first .. end - 1 lie in the frame. */
  first: number;
  end: number;
  /** Cell of row `first + i`. */
  cell: Int32Array;
  /** Index of the first row that is not before cell c's start, or of `first`; one more than there are cells. */
  readonly rowAt: Int32Array;
}

export function createRowCells(frame: Frame): RowCells {
  return { first: 0, end: 0, cell: new Int32Array(1024), rowAt: new Int32Array(frame.cells + 1) };
}

/** Fills in the rows of a timeline from `fromUs` on. Counting rows by cell has no branch that a processor would guess wrong. */
export function fillRowCells(rows: RowCells, { atUs, length }: Timeline, frame: Frame, fromUs: number): void {
  const { gridUs, baseUs, cells } = frame;
  const first = firstAtOrAfter(atUs, length, fromUs);
  const end = firstAtOrAfter(atUs, length, endUsOf(frame, frame.windows - 1));
  if (rows.cell.length < end - first) rows.cell = new Int32Array((end - first) * 2);
  const { cell, rowAt } = rows;
  rows.first = first;
  rows.end = end;
  rowAt.fill(0);
  for (let row = first; row < end; row++) {
    const c = Math.floor((atUs[row]! - baseUs) / gridUs);
    cell[row - first] = c;
    rowAt[c + 1]! += 1;
  }
  rowAt[0] = first;
  for (let c = 1; c <= cells; c++) rowAt[c]! += rowAt[c - 1]!;
}
