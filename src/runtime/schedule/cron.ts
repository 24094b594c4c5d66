import { Cron } from "croner";
import { validate } from "node-cron";
import { reasonOf } from "../../core/reason.ts";
import type { Cadence } from "./due.ts";
import { type OffsetSpan, spansOf } from "./offset-span.ts";
import { WrongSchedule } from "./wrong-schedule.ts";

/**
 * Cron text by the wall clock of a zone. The parser sees wall clocks only, as if there were no zones; what becomes of those that a change
 * of the clocks skips or repeats is decided here alone: a skipped one is due when the gap ends (several together, once), a repeated one
 * the first time, unless the job runs in every hour of the day: then it goes on through the repeated one.
 */
export function cronCadence(expression: string, timeZone: string): Cadence {
  const wallClock = parse(expression);
  const isHourly = runsInEveryHour(expression);
  const spanAt = spansOf(timeZone);

  /** The first match within a span, after `afterMs`. */
  function nextWithin(span: OffsetSpan, afterMs: number): number | null {
    // Wall clocks that the span before has shown already are over.
    const shownMs = isHourly ? Number.NEGATIVE_INFINITY : span.fromMs + span.offsetBeforeMs - 1;
    const at = wallClock(Math.max(afterMs + span.offsetMs, shownMs));
    return at === null ? null : at - span.offsetMs;
  }

  function isSkippedBefore(span: OffsetSpan): boolean {
    if (span.offsetMs <= span.offsetBeforeMs) return false;
    const skipped = wallClock(span.fromMs + span.offsetBeforeMs - 1);
    return skipped !== null && skipped < span.fromMs + span.offsetMs;
  }

  return {
    followsWallClock: !isHourly,
    next(afterMs) {
      let fromMs = Math.floor(afterMs);
      for (let span = spanAt(fromMs); ; span = spanAt(span.untilMs)) {
        const at = nextWithin(span, fromMs);
        if (at === null || at < span.untilMs) return at;
        if (isSkippedBefore(spanAt(span.untilMs))) return span.untilMs;
        fromMs = span.untilMs - 1;
      }
    },
  };
}

/** The next matching wall clock after another, both as if they were UTC. */
function parse(expression: string): (afterMs: number) => number | null {
  const wrong = `${JSON.stringify(expression)} is not a cron expression like "*/5 * * * *" (minute, hour, day of the month, month, day of the week)`;
  if (isNeverDue(expression)) throw new WrongSchedule(`${JSON.stringify(expression)} is never due: none of its months has such a day`);
  if (!validate(expression)) throw new WrongSchedule(wrong);
  try {
    const cron = new Cron(expression, { utcOffset: 0, paused: true });
    return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  } catch (error) {
    throw new WrongSchedule(`${wrong}: ${reasonOf(error)}`, error);
  }
}

/** Each field can be read, yet no month that is named has a day that is named, like 31 February. */
function isNeverDue(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  if (fields.length < 5 || fields.at(-1) !== "*" || validate(expression)) return false;
  return [-2, -3].every((at) => validate(fields.with(at, "*").join(" ")));
}

function runsInEveryHour(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  return fields.length === 1 ? fields[0] === "@hourly" : ["*", "*/1", "0-23"].includes(fields.at(-4)!);
}
