import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_ROWS, takenRows, thinningFor } from "../../../../src/core/models/clr/thinning.ts";

test("rows are thinned as far as needed, windows before days, and days only while seven are left", () => {
  expect(thinningFor(0.3, 5)).toEqual(ALL_ROWS);
  expect(thinningFor(3.2, 5)).toEqual({ everyRow: 4, everyDay: 1 });
  expect(thinningFor(30, 28)).toEqual({ everyRow: 12, everyDay: 3 });
  expect(thinningFor(30, 20)).toBeNull();
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), fc.integer({ min: 1, max: 400 }), (factor, days) => {
      const thinning = thinningFor(factor, days);
      if (thinning === null) return;
      expect(thinning.everyRow * thinning.everyDay).toBeGreaterThanOrEqual(Math.min(factor, 1));
      expect(thinning.everyRow * thinning.everyDay).toBeGreaterThanOrEqual(factor === 0 ? 0 : factor - 1e-9);
      if (thinning.everyDay > 1) expect(days / thinning.everyDay).toBeGreaterThanOrEqual(7);
    }),
  );
});

test("every day that is taken gives its share of windows, at other hours than the day before", () => {
  const days = Int32Array.from({ length: 20 * 288 }, (_, row) => Math.floor(row / 288));
  const taken = takenRows(days, { everyRow: 12, everyDay: 2 });
  const counts = new Map<number, number>();
  for (const row of taken) counts.set(days[row]!, (counts.get(days[row]!) ?? 0) + 1);
  expect([...counts]).toEqual(Array.from({ length: 10 }, (_, k) => [2 * k, 24]));
  expect(new Set([...taken].map((row) => row % 12)).size).toBeGreaterThan(3);
  expect(takenRows(days, ALL_ROWS)).toHaveLength(days.length);
});
