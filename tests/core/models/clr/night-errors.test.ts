import { expect, test } from "vitest";
import { nightErrors, type Spell } from "../../../../src/core/models/clr/night-errors.ts";

const GRID_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const nightOf = (day: number, from: number, to: number): Spell => ({
  startMs: day * DAY_MS + from * HOUR_MS,
  endMs: day * DAY_MS + to * HOUR_MS,
});

/** Three days of windows, sure of exactly these spells. */
function sureOf(spells: readonly Spell[]) {
  const windowEndMs = Float64Array.from({ length: (3 * DAY_MS) / GRID_MS }, (_, k) => (k + 1) * GRID_MS);
  const isIn = (endMs: number): boolean => spells.some(({ startMs, endMs: to }) => endMs - GRID_MS >= startMs && endMs <= to);
  return { windowEndMs, logits: windowEndMs.map((endMs) => (isIn(endMs) ? 4 : -4)), gridMs: GRID_MS };
}

test("nights that are said as they were have no error", () => {
  const truth = [nightOf(0, 11, 19), nightOf(1, 11, 19), nightOf(2, 11, 19)];
  const none = { median: 0, worst: 0 };
  expect(nightErrors(truth, sureOf(truth))).toEqual({ nights: 3, missed: 0, invented: 0, start_minutes: none, end_minutes: none });
});

test("starts and ends are told in minutes, a missed and an invented night are counted, a pause within a night is no end", () => {
  const truth = [nightOf(0, 11, 19), nightOf(1, 11, 19), nightOf(2, 11, 15)];
  const said = [nightOf(0, 11.5, 14), nightOf(0, 14.75, 19), nightOf(1, 10, 19.25), nightOf(2, 20, 22)];
  expect(nightErrors(truth, sureOf(said))).toEqual({
    nights: 3,
    missed: 1,
    invented: 1,
    start_minutes: { median: 45, worst: 60 },
    end_minutes: { median: 7.5, worst: 15 },
  });
});

test("where nothing is found nothing is told of starts and ends", () => {
  expect(nightErrors([nightOf(0, 11, 19)], sureOf([]))).toEqual({
    nights: 1,
    missed: 1,
    invented: 0,
    start_minutes: null,
    end_minutes: null,
  });
});
