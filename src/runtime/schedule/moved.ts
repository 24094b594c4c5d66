import { type Cadence, dueTimes } from "./due.ts";

/** Due times of a home that moved that get a receipt: more is beyond interest. */
const MOST_RECEIPTS = 500;

/** The instant at which the clocks of `to` show what those of `from` showed at another. */
export function shownUntilMs(atMs: number, from: string, to: string): number {
  const shown = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(from).toPlainDateTime();
  return shown.toZonedDateTime(to).epochMilliseconds;
}

/** The due times in the new zone whose time of the day the old zone's clocks had shown by the last settled run. */
export function shownBefore(cadence: Cadence, settledToMs: number, from: string, to: string): readonly number[] {
  if (!cadence.followsWallClock) return [];
  return dueTimes(cadence, settledToMs, shownUntilMs(settledToMs, from, to)).slice(0, MOST_RECEIPTS);
}
