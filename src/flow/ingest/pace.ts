import type { Clock } from "../../core/clock.ts";
import { DAY_MS, MINUTE_MS } from "../../core/time.ts";

/** How far a long fetch is. */
export interface Pace {
  /** Days of the past, averaged over the entities. */
  readonly fetchedDays: number;
  readonly totalDays: number;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  readonly leftMs: number;
}

/** The time left follows the speed of the last minute: nights are fetched faster than days, and Home Assistant is not always as quick. */
const LOOK_BACK_MS = MINUTE_MS;
/** With a look-back shorter than this the speed since the start is better. */
const SHORTEST_MS = 3_000;

export function createPace(clock: Clock, totalMs: number): { done(spanMs: number): Pace } {
  const startedMs = clock.nowMs();
  const marks: { readonly atMs: number; readonly doneMs: number }[] = [{ atMs: startedMs, doneMs: 0 }];
  let doneMs = 0;
  return {
    done(spanMs) {
      doneMs = Math.min(totalMs, doneMs + spanMs);
      const nowMs = clock.nowMs();
      while (marks.length > 1 && marks[1]!.atMs <= nowMs - LOOK_BACK_MS) marks.shift();
      const since = nowMs - marks[0]!.atMs >= SHORTEST_MS ? marks[0]! : { atMs: startedMs, doneMs: 0 };
      if (nowMs - marks.at(-1)!.atMs >= SHORTEST_MS / 3) marks.push({ atMs: nowMs, doneMs });
      const speed = doneMs > since.doneMs ? (doneMs - since.doneMs) / Math.max(1, nowMs - since.atMs) : 0;
      return {
        fetchedDays: doneMs / DAY_MS,
        totalDays: totalMs / DAY_MS,
        share: totalMs > 0 ? doneMs / totalMs : 1,
        leftMs: speed > 0 ? Math.round((totalMs - doneMs) / speed) : 0,
      };
    },
  };
}
