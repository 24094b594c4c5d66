import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createZone, DAY_MS, HOUR_MS, isoMs, MINUTE_MS, windowNoOf } from "../../src/core/time.ts";

/** Whole, half and quarter hours; gaps and overlaps of an hour and of half an hour; a day that never was (Apia, 30 December 2011); no changes at all. */
const ZONES = [
  "UTC",
  "Europe/Amsterdam",
  "America/New_York",
  "America/St_Johns",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Asia/Kolkata",
];
const zoneName = fc.constantFrom(...ZONES);
const FROM = Date.UTC(1990, 0, 1);
const TO = Date.UTC(2040, 0, 1);
const instant = fc.integer({ min: FROM, max: TO });
const localOf = (atMs: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);

/** Instants at and around every change of a zone's clocks between 2005 and 2030. */
function changesOf(timeZone: string): number[] {
  const changes: number[] = [];
  let at: Temporal.ZonedDateTime | null = localOf(Date.UTC(2005, 0, 1), timeZone);
  for (;;) {
    at = at.getTimeZoneTransition("next");
    if (at === null || at.epochMilliseconds > Date.UTC(2030, 0, 1)) return changes;
    changes.push(at.epochMilliseconds);
  }
}

const CHANGES = new Map(ZONES.map((timeZone) => [timeZone, changesOf(timeZone)]));
/** A zone with an instant, half of them within a day of a change of its clocks. */
const zoned = zoneName.chain((timeZone) => {
  const changes = CHANGES.get(timeZone)!;
  const near =
    changes.length === 0
      ? instant
      : fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY_MS, max: DAY_MS })).map(([change, by]) => change + by);
  return fc.record({ timeZone: fc.constant(timeZone), atMs: fc.oneof(instant, near) });
});

describe("the zone agrees with Temporal", () => {
  test("on offset, hour, weekday and date of any instants in any order", () => {
    fc.assert(
      fc.property(zoneName, fc.array(instant, { minLength: 1, maxLength: 20 }), (timeZone, instants) => {
        const zone = createZone(timeZone);
        for (const atMs of instants) {
          const local = localOf(atMs, timeZone);
          expect(zone.offsetMsAt(atMs)).toBe(local.offsetNanoseconds / 1e6);
          expect(zone.hourAt(atMs)).toBeCloseTo(local.hour + local.minute / 60 + local.second / 3600 + local.millisecond / 3.6e6, 9);
          expect(zone.weekdayAt(atMs)).toBe(local.dayOfWeek);
          expect(zone.dateAt(atMs)).toBe(local.toPlainDate().toString());
        }
      }),
    );
  });

  test.each(ZONES)("at every change of the clocks of %s and a millisecond before and after", (timeZone) => {
    const zone = createZone(timeZone);
    for (const change of changesOf(timeZone)) {
      for (const atMs of [change, change - 1, change + 1, change - HOUR_MS, change + HOUR_MS]) {
        expect(zone.offsetMsAt(atMs), isoMs(atMs)).toBe(localOf(atMs, timeZone).offsetNanoseconds / 1e6);
      }
    }
  });

  test("on instants between milliseconds", () => {
    const zone = createZone("Europe/Amsterdam");
    const change = Date.UTC(2026, 2, 29, 1);
    expect(zone.offsetMsAt(change - 0.001)).toBe(HOUR_MS);
    expect(zone.offsetMsAt(change)).toBe(2 * HOUR_MS);
    expect(zone.hourAt(change - 0.001)).toBeLessThan(2);
    expect(zone.hourAt(change)).toBe(3);
  });
});

describe("a local day", () => {
  const anchor = fc.integer({ min: 0, max: 23 });

  test("holds its own beginning, and the millisecond before belongs to the day before", () => {
    fc.assert(
      // Before 2012 clocks also went forward at 00:01 (St. John's) and by a day (Apia): there a day that turns inside the gap begins after it.
      fc.property(
        zoned.filter(({ atMs }) => atMs > Date.UTC(2012, 1, 1)),
        anchor,
        ({ timeZone, atMs }, hour) => {
          const zone = createZone(timeZone);
          const day = zone.dayAt(atMs, hour);
          const start = zone.dayStartMs(day, hour);
          expect(start).toBeLessThanOrEqual(atMs);
          expect(zone.dayAt(start, hour)).toBe(day);
          expect(zone.dayAt(start - 1, hour)).toBeLessThan(day);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("never runs backwards", () => {
    fc.assert(
      fc.property(zoned, fc.integer({ min: 0, max: 3 * DAY_MS }), anchor, ({ timeZone, atMs }, later, hour) => {
        const zone = createZone(timeZone);
        expect(zone.dayAt(atMs + later, hour)).toBeGreaterThanOrEqual(zone.dayAt(atMs, hour));
      }),
    );
  });

  test("is 23 hours long when the clocks go forward, 25 when they go back, 24 else", () => {
    const zone = createZone("Europe/Amsterdam");
    const hoursOf = (date: string): number => {
      const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
      return (zone.dayStartMs(day + 1, 12) - zone.dayStartMs(day, 12)) / HOUR_MS;
    };
    expect(["2026-03-27", "2026-03-28", "2026-10-24", "2026-10-25"].map(hoursOf)).toEqual([24, 23, 25, 24]);
  });

  test("that turns in an hour which the clocks skip begins when they have skipped it", () => {
    const zone = createZone("Europe/Amsterdam");
    const day = Date.UTC(2026, 2, 29) / DAY_MS;
    expect(isoMs(zone.dayStartMs(day, 2))).toBe("2026-03-29T01:00:00.000Z");
  });
});

describe("a wall-clock time", () => {
  test("is the instant at which the clock shows it, where it shows it at all", () => {
    fc.assert(
      fc.property(zoned, ({ timeZone, atMs }) => {
        const whole = Math.floor(atMs / 1000) * 1000;
        const text = localOf(whole, timeZone).toPlainDateTime().toString();
        const found = createZone(timeZone).instantOf(text);
        expect(localOf(found, timeZone).toPlainDateTime().toString()).toBe(text);
        expect(found).toBeLessThanOrEqual(whole);
      }),
    );
  });

  test("that comes twice is the earlier, one that never comes is an hour later", () => {
    const zone = createZone("Europe/Amsterdam");
    expect(isoMs(zone.instantOf("2026-10-25 02:30"))).toBe("2026-10-25T00:30:00.000Z");
    expect(isoMs(zone.instantOf("2026-03-29T02:30:00"))).toBe("2026-03-29T01:30:00.000Z");
  });
});

test("a zone that nobody knows is refused", () => {
  expect(() => createZone("Europe/Atlantis")).toThrow(RangeError);
});

test("an instant on the grid begins the window that ends a step later", () => {
  const grid = 5 * MINUTE_MS;
  expect(windowNoOf(10 * grid, grid)).toBe(11);
  expect(windowNoOf(10 * grid - 0.001, grid)).toBe(10);
  fc.assert(
    fc.property(instant, (atMs) => {
      const end = windowNoOf(atMs, grid) * grid;
      return end > atMs && end - grid <= atMs;
    }),
  );
});
