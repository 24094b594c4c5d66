import type { Design } from "../../../../src/core/models/clr/design.ts";
import { sigmoid } from "../../../../src/core/models/clr/logit.ts";

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32): test data that can be made again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal numbers (Box and Muller). */
export function normals(seed: number): () => number {
  const next = seeded(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export interface Simulated {
  readonly design: Design;
  readonly labels: Uint8Array;
}

/** Correlated normal columns with labels drawn from a logistic model; both classes always occur. */
export function simulate(seed: number, rows: number, cols: number, intercept = -0.5): Simulated {
  const normal = normals(seed);
  const uniform = seeded(seed + 1);
  const columns = new Float64Array(rows * cols);
  const truth = Array.from({ length: cols }, (_, j) => (j % 3 === 0 ? normal() : 0.2 * normal()));
  const labels = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const shared = normal();
    let logit = intercept;
    for (let j = 0; j < cols; j++) {
      const cell = 0.6 * shared + normal();
      columns[j * rows + i] = cell;
      logit += truth[j]! * cell;
    }
    labels[i] = uniform() < sigmoid(logit) ? 1 : 0;
  }
  labels[0] = 1;
  labels[1] = 0;
  return { design: { columns, rows, cols }, labels };
}

export function takeRows({ design, labels }: Simulated, rows: readonly number[]): Simulated {
  const columns = new Float64Array(rows.length * design.cols);
  for (let j = 0; j < design.cols; j++) {
    rows.forEach((row, i) => {
      columns[j * rows.length + i] = design.columns[j * design.rows + row]!;
    });
  }
  return { design: { columns, rows: rows.length, cols: design.cols }, labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

export function takeColumns(design: Design, order: readonly number[]): Design {
  const columns = new Float64Array(design.rows * order.length);
  order.forEach((column, j) => {
    columns.set(design.columns.subarray(column * design.rows, (column + 1) * design.rows), j * design.rows);
  });
  return { columns, rows: design.rows, cols: order.length };
}

export function shuffled(length: number, seed: number): number[] {
  const next = seeded(seed);
  const order = Array.from({ length }, (_, k) => k);
  for (let k = length - 1; k > 0; k--) {
    const other = Math.floor(next() * (k + 1));
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  return order;
}
