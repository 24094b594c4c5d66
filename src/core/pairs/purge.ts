import type { Span } from "../labels/span.ts";
import type { DayRules } from "./days.ts";
import { createSpanSweep } from "./sweep.ts";

export interface PurgeRules extends DayRules {
  readonly gridMs: number;
  readonly longestHorizonMs: number;
}

/**
 * R6: which windows may be trained on when `testDays` are tested. Left out are the windows of those days, those whose look-back reaches
 * into such a day, and those that begin within the embargo of the longest horizon after it (Lopez de Prado 2018, chapter 7).
 * @param windowNos ascending
 * @returns one byte a window, 1 = may be trained on
 */
export function trainableWindows(windowNos: ArrayLike<number>, testDays: Iterable<number>, rules: PurgeRules): Uint8Array {
  const { zone, anchorHour, gridMs, longestHorizonMs } = rules;
  const closed: Span[] = Array.from(testDays, (day) => ({
    startMs: zone.dayStartMs(day, anchorHour),
    endMs: zone.dayStartMs(day + 1, anchorHour) + longestHorizonMs,
  }));
  const sweep = createSpanSweep(closed);
  const mask = new Uint8Array(windowNos.length);
  for (let i = 0; i < mask.length; i++) {
    const endMs = windowNos[i]! * gridMs;
    mask[i] = sweep.relation(endMs - gridMs, endMs) === "outside" ? 1 : 0;
  }
  return mask;
}
