import { expect, test } from "vitest";
import { isCalendarDate, saidInstant } from "../../src/core/said-instant.ts";

test.each([
  ["2026-11-28", "2026-11-27T23:00:00.000Z"],
  ["2026-11-28T00:00", "2026-11-27T23:00:00.000Z"],
  ["2026-06-28 23:10:05", "2026-06-28T21:10:05.000Z"],
  ["2026-11-28T00:00Z", "2026-11-28T00:00:00.000Z"],
  ["2026-11-28T01:00+01:00", "2026-11-28T00:00:00.000Z"],
  ["2026-11-28T01:00:00+0100", "2026-11-28T00:00:00.000Z"],
])("%s said in Amsterdam is %s", (text, utc) => {
  expect(new Date(saidInstant(text, "Europe/Amsterdam")!).toISOString()).toBe(utc);
});

test("microseconds are kept behind the point", () => {
  expect(saidInstant("2026-11-28T00:00:00.000250Z", "UTC")).toBe(Date.UTC(2026, 10, 28) + 0.25);
});

test.each(["5", "", "2026", "2026-11", "Nov 28", "28/11/2026", "2026-02-30", "2026-13-01", "2026-11-28T25:00", "2026-02-30T10:00Z"])(
  "%j is no time",
  (text) => {
    // Broken once, by Date.parse alone: 5 was a day in 2001, 30 February the second of March.
    expect(saidInstant(text, "Europe/Amsterdam")).toBeNull();
  },
);

test("days of the calendar are told from what only looks like one", () => {
  expect(["2028-02-29", "2026-02-29", "2026-02-30", "2026-11-1", "2026-11-20T00:00"].map(isCalendarDate)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
