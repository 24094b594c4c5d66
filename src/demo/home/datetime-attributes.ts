import type { Attributes } from "./entities.ts";

/** What an `input_datetime` shows beside its state `YYYY-MM-DD HH:MM:SS`; `timestamp` in seconds. */
export function datetimeAttributes(text: string, timestamp: number): Attributes {
  const part = (from: number, to: number): number => Number(text.slice(from, to));
  return {
    year: part(0, 4),
    month: part(5, 7),
    day: part(8, 10),
    hour: part(11, 13),
    minute: part(14, 16),
    second: part(17, 19),
    timestamp,
  };
}
