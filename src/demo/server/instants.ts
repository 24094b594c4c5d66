import type { Calendar } from "../home/calendar.ts";

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

export interface ParsedDateTime {
  /** `YYYY-MM-DD` and `HH:MM:SS` as written. */
  readonly date: string;
  readonly time: string;
  /** Fraction of a second as written, 0 <= fraction < 1. */
  readonly fraction: number;
  /** Seconds since the epoch; text without an offset is local time. */
  readonly seconds: number;
}

/** Reads what Home Assistant's `parse_datetime` reads: ISO-8601 with or without time, seconds, fraction and offset. Null when it is none. */
export function parseDateTime(text: string, calendar: Calendar): ParsedDateTime | null {
  const match = DATE_TIME.exec(text);
  if (!match) return null;
  const [, date = "", minutes = "00:00", second = "00", digits = "0", offset] = match;
  const time = `${minutes}:${second}`;
  const fraction = Number(`0.${digits}`);
  try {
    const whole = offset === undefined ? calendar.instantOf(`${date} ${time}`) : Date.parse(`${date}T${time}${isoOffset(offset)}`);
    if (!Number.isFinite(whole)) return null;
    return { date, time, fraction, seconds: whole / 1000 + fraction };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function isoOffset(offset: string): string {
  if (offset.toUpperCase() === "Z") return "Z";
  const digits = offset.slice(1).replace(":", "").padEnd(4, "0");
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
