import type { Frame } from "./frame.ts";
import type { Pool } from "./pool.ts";
import type { Spans } from "./spans.ts";

/**
 * How long something lasted in each cell, microseconds, gathered from where it begins and ends: a beginning counts for the rest of its
 * cell and for all later ones, an end takes that back. Sums of whole numbers, so the order does not matter and a stretch of any length
 * costs the same. `cells` holds lengths only once settled.
 */
export interface Lengths {
  readonly cells: Float64Array;
  /** Beginnings minus ends before each cell. */
  readonly turns: Float64Array;
}

export function createLengths(frame: Frame, pool: Pool, isWanted: boolean): Lengths {
  return { cells: pool.take(isWanted ? frame.cells : 0), turns: pool.take(isWanted ? frame.cells + 1 : 0) };
}

/** Notes `by` beginnings (or ends, if below 0) at an instant in cell c. */
export function addTurn({ cells, turns }: Lengths, { gridUs, baseUs }: Frame, c: number, instantUs: number, by: number): void {
  cells[c]! += by * (baseUs + (c + 1) * gridUs - instantUs);
  turns[c + 1]! += by;
}

/** The cell of an instant; of the frame's very end the last. */
export function cellOf({ gridUs, baseUs, cells }: Frame, instantUs: number): number {
  return Math.min(cells - 1, Math.floor((instantUs - baseUs) / gridUs));
}

export function addStretches(lengths: Lengths, frame: Frame, { startUs, endUs, length }: Spans): void {
  for (let i = 0; i < length; i++) {
    addTurn(lengths, frame, cellOf(frame, startUs[i]!), startUs[i]!, 1);
    addTurn(lengths, frame, cellOf(frame, endUs[i]!), endUs[i]!, -1);
  }
}

export function settleLengths({ cells, turns }: Lengths, { gridUs }: Frame): void {
  let lasting = 0;
  for (let c = 0; c < cells.length; c++) {
    lasting += turns[c]!;
    cells[c]! += lasting * gridUs;
  }
}
