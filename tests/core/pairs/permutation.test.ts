import { describe, expect, test } from "vitest";
import type { TrainingRows } from "../../../src/core/models/clr/training-rows.ts";
import { windowDays } from "../../../src/core/pairs/days.ts";
import { permutedGain } from "../../../src/core/pairs/permutation.ts";
import { createZone, DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { createRandom } from "../../../src/demo/home/random.ts";
import { GRID_MS } from "./asking.ts";

const rules = { zone: createZone("UTC"), anchorHour: 12 };
const options = { rules, horizonMs: 2 * HOUR_MS, gridMs: GRID_MS };
const NOON = Date.UTC(2026, 0, 5, 12);

interface Table {
  readonly training: TrainingRows;
  readonly windowNos: Float64Array;
}

/** Nights that begin and end when they like; a bed mat that is nearly the label, sensors of the hour, and slow ones of the day. */
function tableOf(seed: number, days: number): Table {
  const random = createRandom(seed, 1, 0);
  const perDay = DAY_MS / GRID_MS;
  const rows = days * perDay;
  const names = [
    "clock:hour_sin",
    "clock:hour_cos",
    "binary_sensor.bed",
    "area.hall:activity",
    ...Array.from({ length: 12 }, (_, k) => `sensor.slow_${k}`),
  ];
  const columns = new Float64Array(rows * names.length);
  const labels = new Uint8Array(rows);
  const windowNos = new Float64Array(rows);
  for (let day = 0; day < days; day++) {
    const bed = 11 * HOUR_MS + random.normal(0, HOUR_MS);
    const up = 19 * HOUR_MS + random.normal(0, HOUR_MS);
    const slow = Array.from({ length: 12 }, () => random.normal(0, 1));
    for (let k = 0; k < perDay; k++) {
      const i = day * perDay + k;
      const atMs = (k + 1) * GRID_MS;
      const isAsleep = atMs > bed && atMs <= up;
      const angle = (2 * Math.PI * atMs) / DAY_MS;
      labels[i] = isAsleep ? 1 : 0;
      windowNos[i] = (NOON + day * DAY_MS) / GRID_MS + k + 1;
      const values = [Math.sin(angle), Math.cos(angle), isAsleep !== random.chance(0.02) ? 1 : 0, isAsleep ? 0 : random.uniform(), ...slow];
      values.forEach((value, j) => {
        columns[j * rows + i] = value;
      });
    }
  }
  const features = names.map((name) => ({ name, group: name.startsWith("clock") ? ("clock" as const) : ("entity" as const) }));
  const dayIndex = windowDays(windowNos, GRID_MS, rules);
  const windowEndMs = windowNos.map((no) => no * GRID_MS);
  return { windowNos, training: { design: { columns, rows, cols: names.length }, features, labels, dayIndex, windowEndMs } };
}

describe("the gain over the clock with labels permuted among days", () => {
  test.each([1, 2, 3, 4, 5, 6])("vanishes for honest nights with a bed mat that is nearly the label (home %i)", (seed) => {
    const answer = permutedGain(tableOf(seed, 10 + seed * 2).training, options);
    expect(answer).toMatchObject({ status: "vanished" });
  });

  test("is the same twice, and whatever the order of the rows", () => {
    const { training } = tableOf(7, 12);
    expect(permutedGain(training, options)).toEqual(permutedGain(training, options));
  });

  test("stays in most homes where folds split days, so that test rows were trained on", () => {
    const stayed = [2, 3, 4, 5, 6, 7, 8, 9].filter((seed) => {
      const { training, windowNos } = tableOf(seed * 17, 14);
      // As if hours were dealt out to five folds and nothing purged: the slow sensors of a tested hour's day were trained on.
      const dayIndex = Int32Array.from(windowNos, (no) => Math.floor(no / 12) % 5);
      return permutedGain({ ...training, dayIndex }, { ...options, horizonMs: GRID_MS }).status === "stayed";
    });
    expect(stayed.length).toBeGreaterThanOrEqual(6);
  });

  test("is not asked of a handful of days", () => {
    expect(permutedGain(tableOf(1, 5).training, options)).toEqual({ status: "skipped", reason: "fewer than 6 labelled days" });
  });
});
