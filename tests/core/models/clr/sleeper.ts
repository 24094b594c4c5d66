import type { Feature } from "../../../../src/core/models/clr/candidates.ts";
import type { SelectedModel, Selection, SelectionOptions } from "../../../../src/core/models/clr/selection.ts";
import type { TrainingRows } from "../../../../src/core/models/clr/training-rows.ts";
import { normals, seeded } from "./problems.ts";

export const GRID_MS = 1_800_000;
export const WINDOWS = 48;
export const OPTIONS: SelectionOptions = { horizonMs: 7_200_000, gridMs: GRID_MS, earlyStopBudget: 0 };

export interface Household {
  readonly seed: number;
  readonly days: number;
  /** How strongly silence tells sleep; 0: the sensors know nothing. */
  readonly signal: number;
  /** Sensors that have nothing to do with sleep, each busy by fits and starts. */
  readonly noiseSensors?: number;
  readonly firstDay?: number;
}

/** A person who sleeps about 23 to 7 with a shift of its own each night, one telling home feature, and sensors of mere noise. Days from noon. */
export function household({ seed, days, signal, noiseSensors = 6, firstDay = 0 }: Household): TrainingRows {
  const normal = normals(seed);
  const next = seeded(seed + 7);
  const features: Feature[] = [
    ...["clock:hour_sin", "clock:hour_cos", "clock:hour_sin_2", "clock:hour_cos_2"].map((name) => ({ name, group: "clock" as const })),
    { name: "home:minutes_since_activity", group: "home" },
    { name: "area.bedroom:activity:60m", group: "area" },
    ...Array.from({ length: noiseSensors }, (_, k) => ({ name: `binary_sensor.noise_${k}:on_fraction:60m`, group: "entity" as const })),
  ];
  const rows = days * WINDOWS;
  const columns = new Float64Array(rows * features.length);
  const labels = new Uint8Array(rows);
  const dayIndex = new Int32Array(rows);
  const windowEndMs = new Float64Array(rows);
  const set = (row: number, column: number, cell: number) => {
    columns[column * rows + row] = cell;
  };
  for (let day = 0; day < days; day++) {
    const asleepFrom = 22 + 1.5 * normal();
    const asleepUntil = 38 + 1.5 * normal();
    const mood = Array.from({ length: noiseSensors }, () => 2 * normal());
    for (let window = 0; window < WINDOWS; window++) {
      const row = day * WINDOWS + window;
      const isAsleep = window >= asleepFrom && window < asleepUntil;
      labels[row] = isAsleep ? 1 : 0;
      dayIndex[row] = firstDay + day;
      windowEndMs[row] = ((firstDay + day) * WINDOWS + window + 1) * GRID_MS;
      const angle = (2 * Math.PI * (window + 1)) / WINDOWS;
      [Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle)].forEach((cell, k) => {
        set(row, k, cell);
      });
      set(row, 4, 3 + signal * (isAsleep ? 1.5 : -1) + 0.7 * normal());
      set(row, 5, 1 - 0.5 * signal * labels[row]! + 0.7 * normal());
      mood.forEach((level, k) => {
        set(row, 6 + k, next() < 0.3 ? Math.max(0, level + normal()) : 0);
      });
    }
  }
  return { design: { columns, rows, cols: features.length }, features, labels, dayIndex, windowEndMs };
}

export function trained(selection: Selection): SelectedModel {
  if (selection.status !== "trained") throw new Error(`skipped: ${selection.reasons.join("; ")}`);
  return selection;
}

/** Logits of raw rows by feature name, imputing as a consumer of the artifact would. */
export function logitsOn(selected: Pick<SelectedModel, "model">, rows: TrainingRows): Float64Array {
  const { model } = selected;
  const column = new Map(rows.features.map((feature, j) => [feature.name, j]));
  return Float64Array.from({ length: rows.design.rows }, (_, i) =>
    model.featureNames.reduce((logit, name, k) => {
      const cell = rows.design.columns[column.get(name)! * rows.design.rows + i]!;
      return logit + model.coefficients[k]! * (Number.isNaN(cell) ? model.imputation[k]! : cell);
    }, model.intercept),
  );
}

export function reorderRows(rows: TrainingRows, order: readonly number[]): TrainingRows {
  const { design } = rows;
  const columns = new Float64Array(order.length * design.cols);
  for (let j = 0; j < design.cols; j++) {
    order.forEach((row, i) => {
      columns[j * order.length + i] = design.columns[j * design.rows + row]!;
    });
  }
  return {
    design: { columns, rows: order.length, cols: design.cols },
    features: rows.features,
    labels: Uint8Array.from(order, (row) => rows.labels[row]!),
    dayIndex: Int32Array.from(order, (row) => rows.dayIndex[row]!),
    windowEndMs: Float64Array.from(order, (row) => rows.windowEndMs[row]!),
  };
}

export function reorderColumns(rows: TrainingRows, order: readonly number[]): TrainingRows {
  const { design } = rows;
  const columns = new Float64Array(design.columns.length);
  order.forEach((column, j) => {
    columns.set(design.columns.subarray(column * design.rows, (column + 1) * design.rows), j * design.rows);
  });
  return { ...rows, design: { ...design, columns }, features: order.map((column) => rows.features[column]!) };
}

/** The same rows with columns added. */
export function withColumns(rows: TrainingRows, added: readonly { feature: Feature; cell: (row: number) => number }[]): TrainingRows {
  const { design } = rows;
  const columns = new Float64Array(design.rows * (design.cols + added.length));
  columns.set(design.columns);
  added.forEach(({ cell }, k) => {
    for (let i = 0; i < design.rows; i++) columns[(design.cols + k) * design.rows + i] = cell(i);
  });
  return {
    ...rows,
    design: { ...design, columns, cols: design.cols + added.length },
    features: [...rows.features, ...added.map(({ feature }) => feature)],
  };
}
