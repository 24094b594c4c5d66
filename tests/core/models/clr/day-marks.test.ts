import fc from "fast-check";
import { expect, test } from "vitest";
import { knowledgeOf, markDays, markOf } from "../../../../src/core/models/clr/day-marks.ts";

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

test("a model knew of a day what is said now, or otherwise where it was corrected, taken back or imported since, or nothing yet", () => {
  fc.assert(
    fc.property(days, days, fc.nat(), (told, later, dayAt) => {
      const corrected = dayAt % told.length;
      const now = told.map((labels, day) => (day === corrected ? labels.map((label) => 1 - label) : labels));
      const knew = knowledgeOf(marksOf(told), marksOf([...now, ...later]));
      for (let day = 0; day < told.length; day++) expect(knew(20_000 + day)).toBe(day === corrected ? "otherwise" : "as now");
      for (let day = 0; day < later.length; day++) expect(knew(20_000 + told.length + day)).toBe("nothing yet");
      // Broken once: with any mark of the day taken for the same (day-marks.ts) the corrected day is one that it knew.
      // Days before all that it knew were imported.
      expect(knew(19_999)).toBe("otherwise");
    }),
  );
  const marks = markDays([5, 8], [5 * 86_400_000, 8 * 86_400_000], [1, 0]);
  const without8 = markDays([5], [5 * 86_400_000], [1]);
  expect([5, 6, 8].map(knowledgeOf(marks, without8))).toEqual(["as now", "otherwise", "otherwise"]);
  expect([4, 5, 9].map(knowledgeOf(undefined, marks))).toEqual(["otherwise", "otherwise", "otherwise"]);
});
