import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayBlockedFolds, type Fold } from "../../../../src/core/models/clr/folds.ts";
import { golden } from "./golden.ts";

const GRID = 300_000;
const DAY = 86_400_000;

/** Labelled windows of some days, with holes: [day, window of the day] pairs in any order. */
const calendars = fc
  .record({
    days: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 14 }),
    share: fc.double({ min: 0.02, max: 1, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    horizonWindows: fc.integer({ min: 1, max: 40 }),
    embargoWindows: fc.integer({ min: 0, max: 40 }),
    maxFolds: fc.integer({ min: 2, max: 10 }),
  })
  .map(({ days, share, seed, horizonWindows, embargoWindows, maxFolds }) => {
    const dayIndex: number[] = [];
    const ends: number[] = [];
    let state = seed;
    for (const day of days) {
      for (let window = 0; window < 96; window++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        if (window > 0 && state / 4294967296 > share) continue;
        dayIndex.push(day);
        ends.push(day * DAY + (window * 3 + 1) * GRID);
      }
    }
    const options = { horizonMs: horizonWindows * GRID, gridMs: GRID, embargoMs: embargoWindows * GRID, maxFolds };
    return { dayIndex, ends, options };
  });

const overlaps = (a: readonly [number, number], b: readonly [number, number]): boolean => a[0] < b[1] && b[0] < a[1];

describe("day-blocked folds", () => {
  test("test every row once and never train on a day that they test", () => {
    fc.assert(
      fc.property(calendars, ({ dayIndex, ends, options }) => {
        const folds = dayBlockedFolds(dayIndex, ends, options);
        const tested = folds.flatMap((fold) => Array.from(fold.test)).sort((a, b) => a - b);
        expect(tested).toEqual(Array.from(dayIndex.keys()));
        for (const fold of folds) {
          const testDays = new Set(Array.from(fold.test, (row) => dayIndex[row]));
          expect([...testDays].sort((a, b) => a! - b!)).toEqual(fold.testDays);
          for (const row of fold.train) expect(testDays.has(dayIndex[row])).toBe(false);
          expect(fold.train.length + fold.test.length + fold.purged + fold.embargoed).toBe(dayIndex.length);
        }
      }),
    );
  });

  test("let no training look-back reach into a test window, nor begin within the embargo behind one", () => {
    fc.assert(
      fc.property(calendars, ({ dayIndex, ends, options: { horizonMs, embargoMs, gridMs, maxFolds } }) => {
        for (const fold of dayBlockedFolds(dayIndex, ends, { horizonMs, gridMs, embargoMs, maxFolds })) {
          const windows = Array.from(fold.test, (row) => [ends[row]! - gridMs, ends[row]!] as const);
          for (const row of fold.train) {
            const begin = ends[row]! - horizonMs;
            expect(windows.some((window) => overlaps(window, [begin, ends[row]!]))).toBe(false);
            expect(windows.some(([, end]) => end <= begin && begin < end + embargoMs)).toBe(false);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("leave out no row that neither purge nor embargo forbids", () => {
    fc.assert(
      fc.property(calendars, ({ dayIndex, ends, options }) => {
        const { horizonMs, embargoMs, gridMs } = options;
        for (const fold of dayBlockedFolds(dayIndex, ends, options)) {
          const windows = Array.from(fold.test, (row) => [ends[row]! - gridMs, ends[row]!] as const);
          const used = new Set([...fold.train, ...fold.test]);
          for (const row of dayIndex.keys()) {
            if (used.has(row)) continue;
            const begin = ends[row]! - horizonMs;
            expect(windows.some((window) => overlaps(window, [begin - embargoMs, ends[row]!]))).toBe(true);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("do not depend on the order of the rows", () => {
    fc.assert(
      fc.property(calendars, ({ dayIndex, ends, options }) => {
        const identify = (folds: readonly Fold[], at: readonly number[]) =>
          folds.map((fold) => [Array.from(fold.train, (row) => at[row]!).sort(), Array.from(fold.test, (row) => at[row]!).sort()]);
        const reversedEnds = ends.toReversed();
        const reversed = dayBlockedFolds(dayIndex.toReversed(), reversedEnds, options);
        expect(identify(reversed, reversedEnds)).toEqual(identify(dayBlockedFolds(dayIndex, ends, options), ends));
      }),
      { numRuns: 40 },
    );
  });

  test("hold out one day each while days are few, and blocks of consecutive days when they are many", () => {
    const dayIndex = Array.from({ length: 23 }, (_, day) => day);
    const ends = dayIndex.map((day) => day * DAY);
    const few = dayBlockedFolds(dayIndex.slice(0, 4), ends.slice(0, 4), { horizonMs: GRID, gridMs: GRID, maxFolds: 5 });
    expect(few.map((fold) => fold.testDays)).toEqual([[0], [1], [2], [3]]);
    const many = dayBlockedFolds(dayIndex, ends, { horizonMs: GRID, gridMs: GRID, maxFolds: 5 });
    expect(many.map((fold) => fold.testDays.length)).toEqual([4, 5, 4, 5, 5]);
    for (const { testDays } of many) expect(testDays.at(-1)! - testDays[0]!).toBe(testDays.length - 1);
  });

  test("need two days", () => {
    expect(dayBlockedFolds([7, 7, 7], [1, 2, 3], { horizonMs: 1, gridMs: 1, maxFolds: 5 })).toEqual([]);
    expect(dayBlockedFolds([], [], { horizonMs: 1, gridMs: 1, maxFolds: 5 })).toEqual([]);
  });

  test("keep the days of the golden set apart", () => {
    const day = golden.datasets.home_like.day!;
    const ends = day.map((value, row) => value * DAY + (row % 12) * 2 * 3_600_000);
    const folds = dayBlockedFolds(day, ends, { horizonMs: 7_200_000, gridMs: GRID, maxFolds: 8 });
    expect(folds).toHaveLength(8);
    for (const fold of folds) expect(fold.test).toHaveLength(12);
  });
});
