import { expect, test } from "vitest";
import { weightsOf } from "../../src/flow/training-table.ts";

const WINDOWS = 288;
const daysOf = (days: number): Int32Array => Int32Array.from({ length: days * WINDOWS }, (_, k) => 20_000 + Math.floor(k / WINDOWS));
const kept = (weights: Uint32Array): number => weights.filter((weight) => weight > 0).length;

test("what fits is read whole, each window for itself", () => {
  expect(weightsOf(daysOf(100), 41_000).every((weight) => weight === 1)).toBe(true);
});

// Broken once: one window of three years ago weighed as much as all of them.
test("where the last four weeks leave no room, what was before is left out, not told by a single window", () => {
  const weights = weightsOf(daysOf(3 * 365), 28 * WINDOWS + 1);
  expect(kept(weights)).toBe(28 * WINDOWS);
  expect(weights.every((weight) => weight <= 1)).toBe(true);
});

test.each([365, 3 * 365])(
  "of %i days at most so many windows are read, the last four weeks whole, and the weights stand for all",
  (days) => {
    const index = daysOf(days);
    const weights = weightsOf(index, 41_000);
    // Broken once: with every window read (weights all 1), a year is 105,120 windows.
    expect(kept(weights)).toBeLessThanOrEqual(41_000);
    expect(kept(weights)).toBeGreaterThan(20_000);
    expect(weights.slice(-28 * WINDOWS).every((weight) => weight === 1)).toBe(true);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    expect(Math.abs(total - index.length)).toBeLessThan(weights[0]!);
  },
);
