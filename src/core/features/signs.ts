import { knownStretches, measuredStretches, stretchesAt } from "./knowledge.ts";
import type { Spans } from "./spans.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

/** Which rows of an entity end a wait: those with one of the flags, and on if so wanted. */
export interface Sign {
  readonly entityId: string;
  readonly flags: number;
  readonly onlyOn: boolean;
}

/** The first sign after an instant and before `untilUs`, or Infinity. */
export function firstSign(timelines: ReadonlyMap<string, Timeline>, signs: readonly Sign[], afterUs: number, untilUs: number): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { entityId, flags, onlyOn } of signs) {
    const timeline = timelines.get(entityId);
    if (timeline === undefined) continue;
    const { atUs, value, length } = timeline;
    const stop = Math.min(earliest, untilUs);
    for (let row = firstAtOrAfter(atUs, length, afterUs + 1); row < length && atUs[row]! < stop; row++) {
      if ((timeline.flags[row]! & flags) === 0 || (onlyOn && value[row] !== 1)) continue;
      earliest = atUs[row]!;
      break;
    }
  }
  return earliest;
}

/** The first instant of [fromUs, untilUs) at which an entity is known to be on, or Infinity. */
export function firstOn(timeline: Timeline | undefined, gaps: Spans, fromUs: number, untilUs: number): number {
  if (timeline === undefined || fromUs >= untilUs) return Number.POSITIVE_INFINITY;
  const known = measuredStretches(timeline, knownStretches(timeline, fromUs, untilUs, gaps));
  return stretchesAt(timeline, known, 1).startUs[0] ?? Number.POSITIVE_INFINITY;
}
