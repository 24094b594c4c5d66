import { createZone } from "./time.ts";

/** How whoever asks for something says an instant: the same on the command line and in the API. */
export const SAID_INSTANT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const WITH_ZONE = /[T ].*(?:Z|[+-]\d{2}:?\d{2})$/;

/** ms, with the microseconds behind the point. A local time or date is one of that zone. Null = no time of any calendar, like 30 February. */
export function saidInstant(text: string, timeZone: string): number | null {
  if (!SAID_INSTANT.test(text)) return null;
  const plain = text.replace(" ", "T");
  try {
    if (WITH_ZONE.test(plain)) return Number(Temporal.Instant.from(plain).epochNanoseconds / 1000n) / 1000;
    return createZone(timeZone).instantOf(plain.length === 10 ? `${plain}T00:00` : plain);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The end of a span: a local time that comes twice in the night in which the clocks go back is the second one where only that lies after the start. */
export function saidEnd(text: string, timeZone: string, startMs: number): number | null {
  const endMs = saidInstant(text, timeZone);
  if (endMs === null || endMs > startMs || WITH_ZONE.test(text)) return endMs;
  const wall = Temporal.PlainDateTime.from(text.replace(" ", "T"));
  return Math.max(endMs, wall.toZonedDateTime(timeZone, { disambiguation: "later" }).epochMilliseconds);
}

/** A day of the calendar, `YYYY-MM-DD`. */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
