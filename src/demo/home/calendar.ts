import { createZone, MINUTE_MS } from "../../core/time.ts";

/** Local days of the home, numbered by days since 1970-01-01 on the wall clock. */
export interface Calendar {
  readonly timeZone: string;
  dayOf(atMs: number): number;
  /** The instant of local midnight. */
  startMs(day: number): number;
  /** The instant at which the wall clock shows that many minutes after the midnight of `day`; below 0 and above 1440 reach other days. */
  at(day: number, minutes: number): number;
  /** 1 = Monday ... 7 = Sunday. */
  weekday(day: number): number;
  /** Hours since local midnight, with fraction. */
  hourAt(atMs: number): number;
  /** `YYYY-MM-DD HH:MM:SS` by the wall clock. */
  textAt(atMs: number): string;
  /** The instant of such a text; of an ambiguous one the earlier, as Home Assistant takes it. */
  instantOf(text: string): number;
}

const MINUTES_A_DAY = 1440;

export function createCalendar(timeZone: string): Calendar {
  const zone = createZone(timeZone);
  const starts = new Map<number, number>();

  function startMs(day: number): number {
    let start = starts.get(day);
    if (start === undefined) {
      start = zone.dayStartMs(day, 0);
      starts.set(day, start);
    }
    return start;
  }
  return {
    timeZone,
    dayOf: (atMs) => zone.dayAt(atMs, 0),
    startMs,
    at(day, minutes) {
      const days = Math.floor(minutes / MINUTES_A_DAY);
      const start = startMs(day + days);
      const plain = start + (minutes - days * MINUTES_A_DAY) * MINUTE_MS;
      return plain + zone.offsetMsAt(start) - zone.offsetMsAt(plain);
    },
    weekday: (day) => ((((day + 3) % 7) + 7) % 7) + 1,
    hourAt: zone.hourAt,
    textAt: (atMs) => new Date(atMs + zone.offsetMsAt(atMs)).toISOString().slice(0, 19).replace("T", " "),
    instantOf: zone.instantOf,
  };
}
