import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedPart, type SeenHour } from "../../../src/core/changes/day-part.ts";
import { type Subject, type Told, wordsOf } from "../../../src/core/changes/words.ts";
import { createZone, DAY_MS, HOUR_MS } from "../../../src/core/time.ts";

const zone = createZone("Europe/Berlin");
/** 3 November 2026, 00:00 in Berlin. */
const STARTS = Date.UTC(2026, 10, 2, 23);

const told = (changes: Partial<Told>): Told => ({
  startMs: STARTS,
  startLowMs: STARTS - 6 * HOUR_MS,
  startHighMs: STARTS + 6 * HOUR_MS,
  detectedAtMs: STARTS + 2 * DAY_MS,
  withdrawnAtMs: null,
  beforeMean: 2,
  afterMean: 2.8,
  part: null,
  ...changes,
});

const hallway: Subject = { measure: "activity", place: { kind: "area", name: "Hallway" }, unit: null };
const level = (unit: string | null): Subject => ({ measure: "level", place: { kind: "entity", name: "Cellar humidity" }, unit });
const room = (measure: Subject["measure"], name: string): Subject => ({ measure, place: { kind: "area", name }, unit: null });

describe("a change in words", () => {
  test("names the room, the amount, the part of the day and the home's own date", () => {
    const part = { name: "night", beforeMean: 1, afterMean: 1.4 } as const;
    expect(wordsOf(hallway, told({ part }), zone)).toBe("Since 3 November the hallway is used 40 % more at night.");
  });

  test.each([
    ["as a percentage", hallway, { afterMean: 1.5 }, "Since 3 November the hallway is used 25 % less."],
    ["as a factor from twice on", hallway, { afterMean: 6.2 }, "Since 3 November the hallway is used 3.1 times as much."],
    ["as an end", hallway, { afterMean: 0.01 }, "Since 3 November the hallway is hardly used any more."],
    ["as a beginning", hallway, { beforeMean: 0 }, "Since 3 November the hallway is used, which it was not before."],
    ["of the whole home", { ...hallway, place: null }, {}, "Since 3 November the home is used 40 % more."],
    ["of a place with a name of its own", room("activity", "Anna's"), {}, "Since 3 November Anna's is used 40 % more."],
    [
      "in the entity's unit",
      level("%"),
      { beforeMean: 61.04, afterMean: 48.5 },
      "Since 3 November Cellar humidity is 12.5 % lower (48.5 instead of 61).",
    ],
    [
      "without a unit",
      level(null),
      { beforeMean: -3, afterMean: -1.25 },
      "Since 3 November Cellar humidity is 1.8 higher (-1.3 instead of -3).",
    ],
    [
      "as shares of the time somebody is there",
      room("presence", "Living room"),
      { beforeMean: 0.1, afterMean: 0.256 },
      "Since 3 November somebody is in the living room 25.6 % of the time instead of 10 %.",
    ],
    [
      "as shares of the time a light is on",
      room("light", "Bath"),
      { beforeMean: 0.1, afterMean: 0 },
      "Since 3 November the light in the bath is on 0 % of the time instead of 10 %.",
    ],
    ["without means it knows", hallway, { beforeMean: Number.NaN }, "Since 3 November the hallway is not as it was."],
    ["that began who knows when", hallway, { startLowMs: STARTS - 3 * DAY_MS }, "Since about 3 November the hallway is used 40 % more."],
    ["of last year", hallway, { detectedAtMs: STARTS + 70 * DAY_MS }, "Since 3 November 2026 the hallway is used 40 % more."],
    [
      "that has faded",
      hallway,
      { withdrawnAtMs: STARTS + 3 * DAY_MS },
      "Since 3 November the hallway is used 40 % more. Taken back on 6 November: it has faded.",
    ],
  ])("is told %s", (_, subject, changes, words) => {
    expect(wordsOf(subject, told(changes), zone)).toBe(words);
  });

  test("is one sentence without a hole for any means", () => {
    const mean = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const measure = fc.constantFrom("activity", "level", "presence", "light", "on" as const);
    fc.assert(
      fc.property(mean, mean, measure, (beforeMean, afterMean, which) => {
        const words = wordsOf({ ...hallway, measure: which }, told({ beforeMean, afterMean }), zone);
        expect(words).toMatch(/^Since 3 November .+\.$/);
        expect(words).not.toMatch(/NaN|undefined|null|Infinity|e\+/);
      }),
    );
  });
});

describe("the part of the day that a change is in", () => {
  const days = (count: number, fromMs: number, valueAt: (hour: number) => number): SeenHour[] =>
    Array.from({ length: count * 24 }, (_, t) => ({ endMs: fromMs + (t + 1) * HOUR_MS, value: valueAt(t % 24), exposure: 1 }));
  const usual = (hour: number): number => (hour < 6 ? 1 : 8);
  const before = days(8, STARTS - 8 * DAY_MS, usual);

  test("is the one quarter that changed, with its own means, by the home's clock", () => {
    const after = days(4, STARTS, (hour) => (hour < 6 ? 1.4 : usual(hour)));
    const found = changedPart(before, after, zone);
    expect(found?.name).toBe("night");
    expect(found?.afterMean).toBeCloseTo(1.4, 10);
  });

  test("is none where every hour changed, or too few days are known", () => {
    expect(
      changedPart(
        before,
        days(4, STARTS, (hour) => 1.4 * usual(hour) + 1),
        zone,
      ),
    ).toBeNull();
    const few = days(2, STARTS, (hour) => (hour < 6 ? 4 : usual(hour)));
    expect(changedPart(before, few, zone)).toBeNull();
    expect(changedPart([], days(4, STARTS, usual), zone)).toBeNull();
  });
});
