import { HOLD_LAST_MS } from "./definition.ts";
import type { RowCells } from "./row-cells.ts";
import { CHANGE, type Timeline } from "./timeline.ts";

/** A counter that fell below this share of its last state has started again from 0; a smaller fall is noise and is taken back (as Home Assistant does). */
const RESET_SHARE = 0.9;

/** What a counter has counted between two states. */
export function increaseOf(before: number, after: number): number {
  return after < before * RESET_SHARE ? Math.max(0, after) : after - before;
}

/** Adds to each cell what its rows have counted since the measured state before each, 7 days back at most. */
export function addIncreases(timeline: Timeline, { first, end, cell }: RowCells, into: Float64Array): void {
  const { value, flags } = timeline;
  let before = Number.NaN;
  for (let row = first - 1; row >= 0 && Number.isNaN(before) && isWithinHold(timeline, row, first); row--) before = value[row]!;
  for (let row = first; row < end; row++) {
    const now = value[row]!;
    if (Number.isNaN(now)) continue;
    // A change is by its flag: two measured states, close enough together.
    if ((flags[row]! & CHANGE) !== 0) into[cell[row - first]!]! += increaseOf(before, now);
    before = now;
  }
}

function isWithinHold({ atUs, length }: Timeline, row: number, first: number): boolean {
  return first < length && atUs[first]! - atUs[row]! <= HOLD_LAST_MS * 1000;
}
