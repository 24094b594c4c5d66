import { expect, test } from "vitest";
import { decideContest } from "../../../../src/core/models/clr/challenge.ts";
import { holdContest } from "../../../../src/core/models/clr/contest.ts";
import type { Knew } from "../../../../src/core/models/clr/day-marks.ts";
import { logLoss } from "../../../../src/core/models/clr/metrics.ts";
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
const firstTen = (rows: TrainingRows): TrainingRows =>
  reorderRows(
    rows,
    Array.from(rows.labels.keys()).filter((row) => rows.dayIndex[row]! < 10),
  );

const servingOn = (frozen: typeof champion, rows: TrainingRows, knew: (day: number) => Knew) => {
  const asItServes = logitsOn(frozen, rows);
  return { frozen, logitOf: (row: number) => asItServes[row]!, knew };
};

/** The champion, trained on the first thirteen days, and a model of all that is said now. */
function contestOn(now: TrainingRows, knew: (day: number) => Knew, challenger = champion) {
  return holdContest(now, { frozen: challenger, clock: clockOf(challenger.clockRecipe) }, servingOn(champion, now, knew), LIMITS);
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
  const judge = (labels: Uint8Array) => {
    const now = { ...earlier, labels };
    const next = trained(selectModel(now, OPTIONS));
    const serving = servingOn(served, now, (day) => (day < 8 ? "otherwise" : "as now"));
    return decideContest(holdContest(now, { frozen: next, clock: clockOf(next.clockRecipe) }, serving, LIMITS));
  };
  // Broken once: with the imported days as judges, on which the champion does as badly as they are wrong, it is promoted.
  expect(judge(shifted).isPromoted).toBe(false);
  expect(judge(earlier.labels).isPromoted).toBe(true);
});

// Broken once: the serving model answered days that it had not known as it serves, with all days before them known to it; the new one by refits that left
// out the newest fifth of all days. After a change of habit the very same recipe then lost, by more from day to day.
test("after a change of habit the same recipe with more labels takes the place, from the first new day on", () => {
  const days = 70;
  const before = household({ seed: 41, days, signal: 1, noiseSensors: 2 });
  const columns = before.design.columns.slice();
  for (let row = 0; row < before.labels.length; row++) {
    const at = 4 * before.design.rows + row;
    if (before.dayIndex[row]! >= 50) columns[at] = columns[at]! + 2;
  }
  const changed: TrainingRows = { ...before, design: { ...before.design, columns } };
  for (const knewUntil of [62, 66]) {
    const knew = (day: number): Knew => (day < knewUntil ? "as now" : "nothing yet");
    const contest = contestOn(changed, knew);
    expect(decideContest(contest)).toMatchObject({ isPromoted: true });
    // Nothing of a habit of long ago, and all of the newest four weeks.
    expect([Math.min(...contest.dayIndex), Math.max(...contest.dayIndex)]).toEqual([42, 69]);
    const isNew = contest.dayIndex.map((day) => Number(day >= knewUntil));
    for (const [i, one] of contest.challenger.entries()) if (isNew[i] === 1) expect(one).toBe(contest.champion[i]);
  }
});

test("days that were corrected are judged by what came after all that the serving model knew, as it serves", () => {
  const halfDayOff = home.labels.map((label, row) =>
    home.dayIndex[row]! < 10 ? home.labels[48 * Math.floor(row / 48) + ((row + 24) % 48)]! : label,
  );
  const now = { ...home, labels: halfDayOff };
  const served = trained(selectModel(firstTen(home), OPTIONS));
  const corrected = trained(selectModel(now, OPTIONS));
  const serving = servingOn(served, now, (day) => (day < 10 ? "otherwise" : "nothing yet"));
  const contest = holdContest(now, { frozen: corrected, clock: clockOf(corrected.clockRecipe) }, serving, LIMITS);
  // Broken once: with nothing left that both knew alike nobody judged, and the broken correction served.
  expect(new Set(contest.dayIndex)).toEqual(new Set([10, 11, 12, 13]));
  expect(decideContest(contest).isPromoted).toBe(false);
});

test("a descent that was thinned for all rows is not thinned twice where a contest looks at some of them", () => {
  const large = household({ seed: 43, days: 60, signal: 1 });
  const descent = {
    frozen: {
      recipe: { kind: "early stop", steps: 100, thinning: { everyRow: 16, everyDay: 1 } },
      calibration: { slope: 1, intercept: 0 },
    } as const,
    clock: clockOf(champion.clockRecipe),
  };
  const served = { frozen: descent.frozen, logitOf: () => Number.NaN, knew: (): Knew => "as now" };
  const losses = [large.labels.length, large.labels.length / 4].map((maxRows) => {
    const { labels, challenger } = holdContest(large, descent, served, { ...LIMITS, maxRows });
    return logLoss(labels, challenger);
  });
  // Broken once: of the quarter that is looked at one row in sixteen was taken, not one in four.
  expect(losses[1]! / losses[0]!).toBeLessThan(1.1);
});

test("a day of which the serving model was told otherwise judges nobody", () => {
  const contest = contestOn(home, (day) => (day < 10 ? "as now" : "otherwise"));
  expect(Math.max(...contest.dayIndex)).toBe(9);
  expect(contestOn(home, () => "otherwise").labels).toHaveLength(0);
});
