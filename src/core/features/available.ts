import { HOLD_LAST_MS } from "./definition.ts";
import { endUsOf, type Frame } from "./frame.ts";
import type { RowCells } from "./row-cells.ts";
import type { Timeline } from "./timeline.ts";

const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/**
 * Raises each window's instant to when every row that can decide its values was known. A row decides until the next real state of its
 * entity (which it makes a change or not), 7 days at most, and the reach of the values beyond that. Only rows known after a window's
 * end count, which are few: the newest.
 */
export function raiseToKnown(timeline: Timeline, rows: RowCells, reachMs: number, frame: Frame, availableAtMs: Float64Array): void {
  if (!timeline.hasLate) return;
  const { allKnownAtMs } = timeline;
  const firstEndMs = endUsOf(frame, 0) / 1000;
  const gridMs = frame.gridUs / 1000;
  let first = rows.rowAt[frame.back + 1]!;
  for (let row = first - 1; row >= 0 && allKnownAtMs[row]! > firstEndMs; row--) raiseFrom(timeline, row, 0, reachMs, frame, availableAtMs);
  for (let w = 1; w < frame.windows; w++) {
    const end = rows.rowAt[frame.back + w + 1]!;
    if (end > first && allKnownAtMs[end - 1]! > firstEndMs + w * gridMs) {
      for (let row = first; row < end; row++) raiseFrom(timeline, row, w, reachMs, frame, availableAtMs);
    }
    first = end;
  }
}

/** Raises the windows from `w` on, the first that ends after the row, to when the row was known. */
function raiseFrom(timeline: Timeline, row: number, w: number, reachMs: number, frame: Frame, availableAtMs: Float64Array): void {
  const knownMs = timeline.knownAtMs[row]!;
  const endMsOf = (window: number): number => endUsOf(frame, window) / 1000;
  if (knownMs <= endMsOf(w)) return;
  const decidesUntilMs = untilNextReal(timeline, row) / 1000 + reachMs;
  for (let window = w; window < frame.windows && endMsOf(window) < knownMs && endMsOf(window) <= decidesUntilMs; window++) {
    if (knownMs > availableAtMs[window]!) availableAtMs[window] = knownMs;
  }
}

function untilNextReal({ atUs, value, length }: Timeline, row: number): number {
  const held = atUs[row]! + HOLD_LAST_US;
  for (let next = row + 1; next < length && atUs[next]! < held; next++) {
    if (!Number.isNaN(value[next]!)) return atUs[next]!;
  }
  return held;
}
