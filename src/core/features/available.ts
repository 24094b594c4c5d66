import { HOLD_LAST_MS } from "./definition.ts";
import { endUsOf, type Frame } from "./frame.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/**
 * Raises each window's instant to when every row that can decide its values was known. A row decides until the next real state of its
 * entity (which it makes a change or not), 7 days at most, and the reach of the values beyond that. Only rows known after a window's
 * end count, which are few: the newest.
 */
export function raiseToKnown(timeline: Timeline, reachMs: number, frame: Frame, availableAtMs: Float64Array): void {
  if (frame.windows === 0) return;
  const { atUs, knownAtMs, allKnownAtMs, length } = timeline;
  const firstEndMs = endUsOf(frame, 0) / 1000;
  const gridMs = frame.gridUs / 1000;
  for (let row = firstAtOrAfter(atUs, length, endUsOf(frame, frame.windows - 1)) - 1; row >= 0 && allKnownAtMs[row]! > firstEndMs; row--) {
    const knownMs = knownAtMs[row]!;
    if (knownMs - atUs[row]! / 1000 === 0) continue;
    let w = Math.max(0, Math.floor(atUs[row]! / frame.gridUs) + 1 - frame.fromNo);
    if (knownMs <= firstEndMs + w * gridMs) continue;
    const decidesUntilMs = untilNextReal(timeline, row) / 1000 + reachMs;
    for (; w < frame.windows; w++) {
      const endMs = firstEndMs + w * gridMs;
      if (endMs >= knownMs || endMs > decidesUntilMs) break;
      if (knownMs > availableAtMs[w]!) availableAtMs[w] = knownMs;
    }
  }
}

function untilNextReal({ atUs, value, length }: Timeline, row: number): number {
  const held = atUs[row]! + HOLD_LAST_US;
  for (let next = row + 1; next < length && atUs[next]! < held; next++) {
    if (!Number.isNaN(value[next]!)) return atUs[next]!;
  }
  return held;
}
