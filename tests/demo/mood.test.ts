import { describe, expect, test } from "vitest";
import { createCalendar } from "../../src/demo/home/calendar.ts";
import { createMood } from "../../src/demo/home/mood.ts";

const calendar = createCalendar("Europe/Amsterdam");
const FIRST_DAY = calendar.dayOf(Date.parse("2026-09-01T12:00:00Z"));
const QUARTER_MS = 900_000;

describe("the mood of the house", () => {
  test("it is 1 on the mean, and an hour keeps about two thirds of the hour before, also across midnight", () => {
    const mood = createMood(5, FIRST_DAY, calendar);
    const factors = Array.from({ length: 96 * 200 }, (_, i) => mood.factorAt(calendar.startMs(FIRST_DAY) + i * QUARTER_MS));
    expect(mean(factors)).toBeGreaterThan(0.9);
    expect(mean(factors)).toBeLessThan(1.1);
    const logs = factors.map((factor) => Math.log(factor));
    expect(correlation(logs.slice(4), logs.slice(0, -4))).toBeGreaterThan(0.5);
    expect(correlation(logs.slice(4), logs.slice(0, -4))).toBeLessThan(0.75);
    const middle = mean(logs);
    expect(Math.sqrt(mean(logs.map((value) => (value - middle) ** 2)))).toBeGreaterThan(0.3);
  });

  test("it is the same whatever day was asked for first", () => {
    const [forth, back] = [createMood(5, FIRST_DAY, calendar), createMood(5, FIRST_DAY, calendar)];
    const instants = [3, 40, 7].map((day) => calendar.at(FIRST_DAY + day, 700));
    expect(instants.map(forth.factorAt)).toEqual(instants.toReversed().map(back.factorAt).toReversed());
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return product / Math.sqrt(mean(a.map((value) => (value - meanA) ** 2)) * mean(b.map((value) => (value - meanB) ** 2)));
}
