import { expect, test } from "vitest";
import { DAY_MS } from "../../../src/core/time.ts";
import { forecastOf } from "../../../src/web/panel/screens/health/disk.ts";

const sizes = { databaseBytes: 400e6, unusedBytes: 0, forecastBytes: 1000e6, growthBytesPerDay: 3e6, diskFreeBytes: 20e9 };

test("the forecast says how large the file gets, when, and whether the disk has room", () => {
  expect(forecastOf(sizes)).toEqual({ mostBytes: 1000e6, reachedInMs: 200 * DAY_MS, isTooLarge: false, share: 0.4 });
  expect(forecastOf({ ...sizes, diskFreeBytes: 500e6 })?.isTooLarge).toBe(true);
  expect(forecastOf({ ...sizes, unusedBytes: 100e6 })?.reachedInMs).toBe(234 * DAY_MS);
});

test("what does not grow is never full, what was not measured is not foretold, and more than the most is all of it", () => {
  expect(forecastOf({ ...sizes, growthBytesPerDay: 0 })?.reachedInMs).toBe(null);
  expect(forecastOf({ ...sizes, growthBytesPerDay: null })?.reachedInMs).toBe(null);
  expect(forecastOf({ ...sizes, forecastBytes: null })).toBe(null);
  expect(forecastOf({ ...sizes, databaseBytes: 2e9 })).toMatchObject({ share: 1, reachedInMs: null });
});
