import fc from "fast-check";
import { expect, test } from "vitest";
import { dueTimes } from "../../../src/runtime/schedule/due.ts";
import { cadenceOf, type Schedule } from "../../../src/runtime/schedule/schedule.ts";

const START = Date.UTC(2026, 10, 21, 12, 0);
const UTC = { timeZone: "UTC" };
const MINUTE = 60_000;
const DAY = 86_400_000;

test("every ten seconds is due every ten seconds, from its first time on", () => {
  const even = cadenceOf({ kind: "every", everyMs: 10_000 }, UTC);
  expect(dueTimes(even, START + 1, START + 30_000)).toEqual([START + 10_000, START + 20_000, START + 30_000]);
  const later = cadenceOf({ kind: "every", everyMs: 10_000, fromMs: START + 3 }, UTC);
  expect(dueTimes(later, START - DAY, START + 10_003)).toEqual([START + 3, START + 10_003]);
});

test("once is due once", () => {
  const once = cadenceOf({ kind: "once", atMs: START }, UTC);
  expect([once.next(START - 1), once.next(START), once.next(START + DAY)]).toEqual([START, null, null]);
});

test("a spread moves each due time later by less than itself and never up to the next, the same way every time and otherwise for another seed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Schedule>(
        { kind: "every", everyMs: 60_000 },
        { kind: "cron", expression: "*/5 6-9 * * *" },
        { kind: "daily", at: "07:30" },
        { kind: "once", atMs: START + 3600_000 },
      ),
      fc.integer({ min: 1, max: DAY }),
      fc.integer({ min: 0, max: 1440 }),
      fc.string(),
      (schedule, spreadMs, minute, seed) => {
        const from = START + minute * MINUTE;
        const even = dueTimes(cadenceOf(schedule, UTC), from, from + 2 * DAY);
        const found = cadenceOf({ ...schedule, spreadMs }, UTC, seed);
        const moved = even.slice(0, 50).map((at) => found.next(at - 1)!);
        // What was due before may have been moved beyond it.
        const own = moved.map((at, index) => (at < even[index]! ? Number.NaN : at - even[index]!));
        expect(own.every((by) => by >= 0 && by < spreadMs)).toBe(true);
        expect(moved).toEqual(even.slice(0, 50).map((at) => cadenceOf({ ...schedule, spreadMs }, UTC, seed).next(at - 1)!));
        expect(moved.every((at, index) => at > (moved[index - 1] ?? 0))).toBe(true);
      },
    ),
    { numRuns: 25 },
  );
  const morning: Schedule = { kind: "daily", at: "07:30", spreadMs: 3600_000 };
  const days = (seed: string): number[] => dueTimes(cadenceOf(morning, UTC, seed), START, START + 200 * DAY).map((at) => at % DAY);
  expect(days("a")).not.toEqual(days("b"));
  // By chance over the whole hour: none of its quarters holds fewer than 25 of 200 days.
  const quarters = days("a").map((at) => Math.floor((at - 7.5 * 3600_000) / (15 * MINUTE)));
  for (const quarter of [0, 1, 2, 3]) expect(quarters.filter((each) => each === quarter).length).toBeGreaterThan(25);
});

test.each<[string, Schedule, RegExp]>([
  ["words", { kind: "cron", expression: "every now and then" }, /not a cron expression like/],
  ["minute 60", { kind: "cron", expression: "60 * * * *" }, /"60 \* \* \* \*" is not a cron expression/],
  ["hours that go backwards", { kind: "cron", expression: "0 22-2 * * *" }, /not a cron expression.*22-2/],
  ["no text", { kind: "cron", expression: "" }, /not a cron expression/],
  ["hour 24", { kind: "daily", at: "24:00" }, /"24:00" is not a time of day like "07:30"/],
  ["half a time", { kind: "daily", at: "7" }, /not a time of day/],
  ["half a second", { kind: "every", everyMs: 500 }, /everyMs is 500; it must be a whole number of milliseconds, at least 1000/],
  ["no number", { kind: "every", everyMs: Number.NaN }, /everyMs is NaN/],
  [
    "an instant that is none",
    { kind: "once", atMs: Number.POSITIVE_INFINITY },
    /atMs is Infinity; it must be whole milliseconds since 1970/,
  ],
  ["two days of offset", { kind: "sunset", offsetMs: 2 * DAY }, /offsetMs is 172800000; .* from -86400000 to 86400000/],
  ["a spread below zero", { kind: "daily", at: "07:30", spreadMs: -1 }, /spreadMs is -1/],
  ["the sun of nowhere", { kind: "sunset", offsetMs: 0 }, /set its location in Home Assistant/],
])("%s is refused with what to do", (_what, schedule, words) => {
  expect(() => cadenceOf(schedule, UTC)).toThrow(words);
});

test("a zone or place that does not exist is refused by name", () => {
  expect(() => cadenceOf({ kind: "daily", at: "07:30" }, { timeZone: "Mars/Olympus" })).toThrow(/"Mars\/Olympus" is not a time zone/);
  expect(() => cadenceOf({ kind: "sunrise", offsetMs: 0 }, { timeZone: "UTC", latitude: 91, longitude: 0 })).toThrow(/no place on Earth/);
});
