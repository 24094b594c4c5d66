import fc from "fast-check";
import { expect, test } from "vitest";
import { CURRENT_DAYS, type DriftWindows, MIN_REFERENCE_DAYS, measureDrift } from "../../../../src/core/models/clr/drift-report.ts";
import { normals } from "./problems.ts";

const WINDOWS = 96;

interface Lived {
  readonly seed: number;
  readonly days: number;
  /** Standard deviation of a day's own level beside that of a window, which is 1. */
  readonly mood?: number;
  /** Added to the newest days. */
  readonly shift?: number;
  readonly shiftedDays?: number;
}

/** One column: a daily rhythm, a mood of the day, and noise. */
function lived({ seed, days, mood = 0.3, shift = 0, shiftedDays = CURRENT_DAYS }: Lived): DriftWindows {
  const normal = normals(seed);
  const columns: number[] = [];
  const dayOfRow: number[] = [];
  for (let day = 0; day < days; day++) {
    const level = mood * normal() + (day >= days - shiftedDays ? shift : 0);
    for (let window = 0; window < WINDOWS; window++) {
      columns.push(2 * Math.sin((2 * Math.PI * window) / WINDOWS) + level + normal());
      dayOfRow.push(day);
    }
  }
  return { design: { columns: Float64Array.from(columns), rows: columns.length, cols: 1 }, days: Int32Array.from(dayOfRow) };
}

const hasDrifted = (windows: DriftWindows): boolean => measureDrift(windows)!.columns[0]!.hasDrifted;

test("a column that goes on as before seldom drifts, one that moves by a standard deviation always does", () => {
  const homes = Array.from({ length: 100 }, (_, seed) => seed + 1);
  const quiet = homes.filter((seed) => hasDrifted(lived({ seed, days: 35, mood: 0.6 })));
  // One in twenty by the choice of the limit, and the number of independent weeks is small.
  expect(quiet.length).toBeLessThanOrEqual(15);
  expect(homes.filter((seed) => hasDrifted(lived({ seed, days: 35, shift: 1.5 })))).toHaveLength(100);
});

test("weeks that differ much by themselves set a higher limit than weeks that are alike", () => {
  const limitOf = (mood: number): number => measureDrift(lived({ seed: 3, days: 40, mood }))!.columns[0]!.limit;
  expect(limitOf(0)).toBe(0.1);
  expect(limitOf(2)).toBeGreaterThan(0.2);
});

test("a sensor that falls silent has drifted, and one that never said anything has not", () => {
  const windows = lived({ seed: 5, days: 30 });
  const silent = windows.design.columns.map((cell, row) => (windows.days[row]! >= 25 ? Number.NaN : cell));
  expect(hasDrifted({ ...windows, design: { ...windows.design, columns: silent } })).toBe(true);
  const never = windows.design.columns.map(() => Number.NaN);
  expect(measureDrift({ ...windows, design: { ...windows.design, columns: never } })!.columns[0]).toMatchObject({
    psi: 0,
    hasDrifted: false,
  });
});

test("too few whole days are not compared, and a day in pieces is no whole one", () => {
  const enough = MIN_REFERENCE_DAYS + CURRENT_DAYS;
  expect(measureDrift(lived({ seed: 1, days: enough }))).toMatchObject({
    reference: { days: MIN_REFERENCE_DAYS, firstDay: 0 },
    current: { days: CURRENT_DAYS, lastDay: enough - 1 },
  });
  expect(measureDrift(lived({ seed: 1, days: enough - 1 }))).toBeNull();
  const { design, days } = lived({ seed: 1, days: enough });
  const rows = days.length - WINDOWS / 2;
  expect(measureDrift({ design: { columns: design.columns.slice(0, rows), rows, cols: 1 }, days: days.slice(0, rows) })).toBeNull();
  expect(measureDrift(lived({ seed: 1, days: 40 }), 38)).toMatchObject({ current: { lastDay: 38 } });
});

test("neither the order of a day's windows nor the scale of a column changes what is found", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.001, max: 1000, noNaN: true }), (seed, scale) => {
      const windows = lived({ seed, days: 24, shift: 0.5 });
      const before = measureDrift(windows)!.columns[0]!;
      const mirrored = Float64Array.from(windows.design.columns, (_, row) => {
        const day = Math.floor(row / WINDOWS);
        return scale * windows.design.columns[day * WINDOWS + (WINDOWS - 1 - (row % WINDOWS))]!;
      });
      const after = measureDrift({ ...windows, design: { ...windows.design, columns: mirrored } })!.columns[0]!;
      expect(after.psi).toBeCloseTo(before.psi, 9);
      expect(after.hasDrifted).toBe(before.hasDrifted);
    }),
    { numRuns: 20 },
  );
});
