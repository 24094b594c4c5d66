import fc from "fast-check";
import { expect, test } from "vitest";
import { markDays, markOf } from "../../../../src/core/models/clr/day-marks.ts";

const GRID_MS = 300_000;
const days = fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 });

function marksOf(said: readonly (readonly number[])[], firstDay = 20_000) {
  const rows = said.flatMap((labels, k) => labels.map((label, window) => ({ day: firstDay + k, window, label })));
  return markDays(
    rows.map(({ day }) => day),
    rows.map(({ day, window }) => day * 86_400_000 + window * GRID_MS),
    rows.map(({ label }) => label),
  );
}

test("a day's mark changes with what was so on it, and with nothing else", () => {
  fc.assert(
    fc.property(days, fc.nat(), fc.nat(), (said, dayAt, windowAt) => {
      const k = dayAt % said.length;
      const w = windowAt % said[k]!.length;
      const changed = said.map((labels, day) => labels.map((label, window) => (day === k && window === w ? 1 - label : label)));
      const [before, after] = [marksOf(said), marksOf(changed)];
      for (let day = 0; day < said.length; day++) {
        expect(markOf(before, 20_000 + day) === markOf(after, 20_000 + day)).toBe(day !== k);
      }
      // Quiet windows that came late.
      const late = said.map((labels) => [...labels, 0]);
      expect(marksOf(late)).toEqual(before);
    }),
  );
});

test("of days before, behind and between nothing is known", () => {
  const marks = markDays([5, 8], [5 * 86_400_000, 8 * 86_400_000], [1, 0]);
  expect([4, 5, 6, 7, 8, 9].map((day) => markOf(marks, day) !== null)).toEqual([false, true, false, false, true, false]);
});
