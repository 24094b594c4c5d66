import { endUsOf, type Frame } from "./frame.ts";
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
  /** Stretches that last all the time, by far the most frequent. */
  steady: number;
  hasTurns: boolean;
}

export function createLengths(frame: Frame, pool: Pool, isWanted: boolean): Lengths {
  const [cells, turns] = isWanted ? [frame.cells, frame.cells + 1] : [0, 0];
  return { cells: pool.take(cells), turns: pool.take(turns), steady: 0, hasTurns: false };
}

/** Notes `by` beginnings (or ends, if below 0) at an instant in cell c. */
export function addTurn(lengths: Lengths, { gridUs, baseUs }: Frame, c: number, instantUs: number, by: number): void {
  lengths.hasTurns = true;
  lengths.cells[c]! += by * (baseUs + (c + 1) * gridUs - instantUs);
  lengths.turns[c + 1]! += by;
}

/** The cell of an instant; of the frame's very end the last. */
export function cellOf({ gridUs, baseUs, cells }: Frame, instantUs: number): number {
  return Math.min(cells - 1, Math.floor((instantUs - baseUs) / gridUs));
}

/** Adds stretches of [fromUs, end of the frame); cells before `fromUs` are not asked for. */
export function addStretches(lengths: Lengths, frame: Frame, { startUs, endUs }: Spans, fromUs: number): void {
  if (endUs.length === 1 && startUs[0] === fromUs && endUs[0] === endUsOf(frame, frame.windows - 1)) {
    lengths.steady += 1;
    return;
  }
  for (let i = 0; i < endUs.length; i++) {
    addTurn(lengths, frame, cellOf(frame, startUs[i]!), startUs[i]!, 1);
    addTurn(lengths, frame, cellOf(frame, endUs[i]!), endUs[i]!, -1);
  }
}

export function settleLengths({ cells, turns, steady, hasTurns }: Lengths, { gridUs }: Frame): void {
  if (!hasTurns) {
    cells.fill(steady * gridUs);
    return;
  }
  // One half too many, and exact: V8 checks each step of a sum that was always whole for leaving 2^53, at several times the cost.
  let lasting = steady + 0.5;
  for (let c = 0; c < cells.length; c++) {
    lasting += turns[c]!;
    cells[c]! += (lasting - 0.5) * gridUs;
  }
}
