import { expect, test } from "vitest";
import { decideContest } from "../../../../src/core/models/clr/challenge.ts";
import { holdContest } from "../../../../src/core/models/clr/contest.ts";
import type { Knew } from "../../../../src/core/models/clr/day-marks.ts";
import { clockOf } from "../../../../src/core/models/clr/refit-scorer.ts";
import { selectModel } from "../../../../src/core/models/clr/select-model.ts";
import type { TrainingRows } from "../../../../src/core/models/clr/training-rows.ts";
import { household, logitsOn, OPTIONS, reorderRows, trained } from "./sleeper.ts";

const LIMITS = { horizonMs: OPTIONS.horizonMs, gridMs: OPTIONS.gridMs, maxRows: 4000 };
const home = household({ seed: 31, days: 14, signal: 1 });
const known = reorderRows(
  home,
  Array.from(home.labels.keys()).filter((row) => home.dayIndex[row]! < 13),
);
const champion = trained(selectModel(known, OPTIONS));

/** The champion, trained on the first thirteen days, and a model of all that is said now. */
function contestOn(now: TrainingRows, knew: (day: number) => Knew, challenger = champion) {
  const asItServes = logitsOn(champion, now);
  const serving = { frozen: champion, logitOf: (row: number) => asItServes[row]!, knew };
  return holdContest(now, { frozen: challenger, clock: clockOf(challenger.clockRecipe) }, serving, LIMITS);
}
const daily = (day: number): Knew => (day < 13 ? "as now" : "nothing yet");

test("a day of new labels leaves all days to compare on, and a refit of the same recipe takes the place", () => {
  const contest = contestOn(home, daily);
  // With the new day alone one would be left, and nothing compared.
  expect(new Set(contest.dayIndex).size).toBe(14);
  expect(decideContest(contest)).toMatchObject({ isPromoted: true, days: 14, difference: expect.any(Number) });
});

test("the same recipe on the same facts says the same, to the last bit", () => {
  const { challenger, champion: serving } = contestOn(known, () => "as now");
  expect(serving).toEqual(challenger);
});

test("a recipe that is worse on days that both know does not take the place on the day after", () => {
  const worse = { ...champion, calibration: { slope: 30, intercept: 0 } };
  expect(decideContest(contestOn(home, daily, worse))).toMatchObject({ isPromoted: false, days: 14 });
});

test("a broken import of older days is judged by the days that were not imported", () => {
  // Six new days before all others, their nights half a day off.
  const earlier = household({ seed: 32, days: 20, signal: 1 });
  const shifted = earlier.labels.map((label, row) =>
    earlier.dayIndex[row]! < 8 ? earlier.labels[48 * Math.floor(row / 48) + ((row + 24) % 48)]! : label,
  );
  const before = reorderRows(
    earlier,
    Array.from(earlier.labels.keys()).filter((row) => earlier.dayIndex[row]! >= 8),
  );
  const served = trained(selectModel(before, OPTIONS));
  const asItServes = logitsOn(served, earlier);
  const judge = (labels: Uint8Array) => {
    const now = { ...earlier, labels };
    const next = trained(selectModel(now, OPTIONS));
    const serving = {
      frozen: served,
      logitOf: (row: number) => asItServes[row]!,
      knew: (day: number): Knew => (day < 8 ? "otherwise" : "as now"),
    };
    return decideContest(holdContest(now, { frozen: next, clock: clockOf(next.clockRecipe) }, serving, LIMITS));
  };
  // Broken once: with the imported days as judges, on which the champion does as badly as they are wrong, it is promoted.
  expect(judge(shifted).isPromoted).toBe(false);
  expect(judge(earlier.labels).isPromoted).toBe(true);
});

test("a day of which the serving model was told otherwise judges nobody", () => {
  const contest = contestOn(home, (day) => (day < 10 ? "as now" : "otherwise"));
  expect(Math.max(...contest.dayIndex)).toBe(9);
  expect(contestOn(home, () => "otherwise").labels).toHaveLength(0);
});
