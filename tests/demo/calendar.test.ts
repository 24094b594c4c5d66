import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCalendar } from "../../src/demo/home/calendar.ts";

const calendar = createCalendar("Europe/Amsterdam");
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

describe("the calendar of the home", () => {
  test("minutes of a day are minutes of the wall clock, also after the clock was changed", () => {
    for (const [date, utc] of [
      ["2026-03-29", "2026-03-29T10:00:00Z"],
      ["2026-10-25", "2026-10-25T11:00:00Z"],
      ["2026-06-01", "2026-06-01T10:00:00Z"],
    ] as const) {
      expect(calendar.at(dayOf(date), 12 * 60)).toBe(Date.parse(utc));
    }
  });

  test("minutes past midnight and before it reach the neighbouring days", () => {
    const day = dayOf("2026-10-24");
    expect(calendar.textAt(calendar.at(day, 1440 + 12 * 60))).toBe("2026-10-25 12:00:00");
    expect(calendar.textAt(calendar.at(day, -30))).toBe("2026-10-23 23:30:00");
  });

  test("an instant belongs to the day between whose midnights it lies, and its text leads back to it", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.parse("2025-01-01T00:00:00Z"), max: Date.parse("2027-12-31T00:00:00Z") }), (atMs) => {
        const day = calendar.dayOf(atMs);
        expect(calendar.startMs(day)).toBeLessThanOrEqual(atMs);
        expect(calendar.startMs(day + 1)).toBeGreaterThan(atMs);
        const seconds = Math.floor(atMs / 1000) * 1000;
        // Of the hour that the clock shows twice the text means the earlier one.
        expect([0, 3_600_000]).toContain(seconds - calendar.instantOf(calendar.textAt(seconds)));
      }),
    );
  });
});
