/** Local time of one zone, cheap enough for a call per window: offsets are cached between the zone's transitions. */
export interface Zone {
  readonly timeZone: string;
  /** Local time minus UTC at that instant, ms. */
  offsetMsAt(atMs: number): number;
  /** Hours since local midnight by the wall clock, 0 <= hour < 24, with fraction. */
  hourAt(atMs: number): number;
  /** 1 = Monday ... 7 = Sunday. */
  weekdayAt(atMs: number): number;
  /** `YYYY-MM-DD` by the wall clock. */
  dateAt(atMs: number): string;
  /** Number of the local day that turns at `anchorHour` o'clock: days since 1970-01-01 by the wall clock, so no night is split. */
  dayAt(atMs: number, anchorHour: number): number;
  /** The instant at which that day begins; a wall-clock time that a DST gap skips is moved forward (disambiguation `compatible`). */
  dayStartMs(day: number, anchorHour: number): number;
  /** The instant of a wall-clock text `YYYY-MM-DD[T ]HH:MM[:SS]`; of an ambiguous one the earlier, of a skipped one the later (`compatible`). */
  instantOf(wallClock: string): number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** @throws RangeError when the zone is not known. */
export function createZone(timeZone: string): Zone {
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  let offset = 0;

  function look(atMs: number): void {
    const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(timeZone);
    offset = at.offsetNanoseconds / 1e6;
    // "previous" means strictly before, so the instant after is asked: a transition at exactly `atMs` begins the span.
    from = at.add({ milliseconds: 1 }).getTimeZoneTransition("previous")?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
    until = at.getTimeZoneTransition("next")?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  }
  function offsetMsAt(atMs: number): number {
    if (!(atMs >= from && atMs < until)) look(atMs);
    return offset;
  }
  const localMs = (atMs: number): number => atMs + offsetMsAt(atMs);
  look(0);

  return {
    timeZone,
    offsetMsAt,
    hourAt: (atMs) => (((localMs(atMs) % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS,
    weekdayAt: (atMs) => ((((Math.floor(localMs(atMs) / DAY_MS) + 3) % 7) + 7) % 7) + 1,
    dateAt: (atMs) => isoMs(localMs(atMs)).slice(0, 10),
    dayAt: (atMs, anchorHour) => Math.floor((localMs(atMs) - anchorHour * HOUR_MS) / DAY_MS),
    dayStartMs: (day, anchorHour) => zoned(new Date(day * DAY_MS + anchorHour * HOUR_MS).toISOString().slice(0, 19), timeZone),
    instantOf: (wallClock) => zoned(wallClock, timeZone),
  };
}

function zoned(wallClock: string, timeZone: string): number {
  return Temporal.PlainDateTime.from(wallClock.replace(" ", "T")).toZonedDateTime(timeZone, { disambiguation: "compatible" })
    .epochMilliseconds;
}

/** ISO-8601 UTC with milliseconds and `Z`. */
export function isoMs(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The number of the window that holds an instant: window n is [(n-1)·grid, n·grid), so its end is n·grid. */
export function windowNoOf(atMs: number, gridMs: number): number {
  return Math.floor(atMs / gridMs) + 1;
}

/** True when the name is a zone that this runtime knows. */
export function knownTimeZone(name: string): boolean {
  try {
    createZone(name);
    return true;
  } catch {
    return false;
  }
}
