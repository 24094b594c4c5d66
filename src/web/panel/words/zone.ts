const DAY_MS = 86_400_000;

/** Local time of one zone, by Intl alone: not every browser has Temporal. */
export interface Zone {
  readonly timeZone: string;
  /** Local time minus UTC at that instant, ms. */
  offsetMsAt(atMs: number): number;
  /** `YYYY-MM-DD` by the wall clock. */
  dateAt(atMs: number): string;
  /** `YYYY-MM-DDTHH:MM` by the wall clock: the value of a `datetime-local` field. */
  wallClockAt(atMs: number): string;
  /** Days since 1970-01-01 by the wall clock; with `anchorHour` 12 the day turns at noon, so no night is split. */
  dayAt(atMs: number, anchorHour?: number): number;
  /** The instant at which that day begins. */
  dayStartMs(day: number, anchorHour?: number): number;
  /** The instant of a wall-clock text; of an ambiguous one the earlier, of one that a change of the clocks skips the later. */
  instantOf(wallClock: string): number;
}

export function createZone(timeZone: string): Zone {
  const wanted = {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  } as const;
  let format: Intl.DateTimeFormat | null = null;
  /** Offsets by quarter of an hour: no zone changes its clocks elsewhere. */
  const known = new Map<number, number>();

  function offsetMsAt(atMs: number): number {
    const slot = Math.floor(atMs / 900_000);
    let offset = known.get(slot);
    if (offset === undefined) {
      offset = look(slot * 900_000);
      if (known.size > 20_000) known.clear();
      known.set(slot, offset);
    }
    return offset;
  }

  function look(atMs: number): number {
    const parts: Record<string, number> = {};
    format ??= new Intl.DateTimeFormat("en-GB", wanted);
    for (const { type, value } of format.formatToParts(atMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - atMs;
  }

  const localMs = (atMs: number): number => atMs + offsetMsAt(atMs);

  function instantOf(wallClock: string): number {
    const asUtcMs = Date.parse(`${wallClock.replace(" ", "T")}${wallClock.length === 10 ? "T00:00" : ""}Z`);
    // The two offsets that can be meant; of those that give this wall clock the earlier instant.
    const [before, after] = [offsetMsAt(asUtcMs - DAY_MS), offsetMsAt(asUtcMs + DAY_MS)];
    const fitting = [before, after].map((offset) => asUtcMs - offset).filter((atMs) => localMs(atMs) === asUtcMs);
    return fitting.length > 0 ? Math.min(...fitting) : asUtcMs - before;
  }

  return {
    timeZone,
    offsetMsAt,
    dateAt: (atMs) => new Date(localMs(atMs)).toISOString().slice(0, 10),
    wallClockAt: (atMs) => new Date(localMs(atMs)).toISOString().slice(0, 16),
    dayAt: (atMs, anchorHour = 0) => Math.floor((localMs(atMs) - anchorHour * 3_600_000) / DAY_MS),
    dayStartMs: (day, anchorHour = 0) => instantOf(new Date(day * DAY_MS + anchorHour * 3_600_000).toISOString().slice(0, 16)),
    instantOf,
  };
}
