import { expect, test } from "vitest";
import { decideContest } from "../../../../src/core/models/clr/challenge.ts";

/** Days of four windows, half of them positive; a logit of that size on the right side. */
function contest(challenger: readonly number[], champion: readonly number[]) {
  const rows = challenger.flatMap((_, day) => [0, 1, 2, 3].map((window) => ({ day, label: window % 2 })));
  const logits = (sizes: readonly number[]) => Float64Array.from(rows, ({ day, label }) => (label === 1 ? sizes[day]! : -sizes[day]!));
  return decideContest({
    labels: Uint8Array.from(rows, ({ label }) => label),
    dayIndex: Int32Array.from(rows, ({ day }) => day),
    challenger: logits(challenger),
    champion: logits(champion),
  });
}

test("a refit that is no worse takes the place, one that is worse on every day does not", () => {
  expect(contest([2, 2, 2], [2, 2, 2]).isPromoted).toBe(true);
  expect(contest([3, 3.2, 2.9], [2, 2, 2])).toMatchObject({ isPromoted: true, days: 3 });
  const refused = contest([1, 1.1, 0.9], [2, 2, 2]);
  expect(refused.isPromoted).toBe(false);
  expect(refused.difference).toBeGreaterThan(refused.standardError!);
  expect(refused.reason).toMatch(/the serving model stays: .*higher by 0\.\d+ on 3 days/);
});

test("a refit that is worse on average, but by less than days differ, takes the place", () => {
  const verdict = contest([0.5, 3, 2.4], [2, 2, 2]);
  expect(verdict.difference).toBeGreaterThan(0);
  expect(verdict.isPromoted).toBe(true);
});

test("no day and a single day prove nothing", () => {
  expect(contest([], [])).toMatchObject({ isPromoted: true, days: 0, difference: null });
  expect(contest([0.1], [3])).toMatchObject({ isPromoted: true, days: 1, difference: null });
});
