import LogisticRegression from "ml-logistic-regression";
import { Matrix } from "ml-matrix";
import type { Validation } from "./cross-validate.ts";
import { bestOf, type DayLosses, dayLosses } from "./day-losses.ts";
import { columnOf, type Design, gather, logitsOf } from "./design.ts";
import { weightedGram } from "./gram.ts";
import type { LinearModel } from "./scaling.ts";
import { ALL_ROWS, type Thinning, takenRows, thinningFor } from "./thinning.ts";

/** Steps of gradient descent to try: few steps are a strong penalty, many a weak one. */
export const EARLY_STOPS: readonly number[] = [10, 30, 100, 300];

export interface EarlyStopCandidate {
  readonly steps: number;
  /** What of the rows it was weighed on. */
  readonly thinning: Thinning;
  readonly logits: Float64Array;
  readonly losses: DayLosses;
  readonly path: readonly { readonly steps: number; readonly logLoss: number }[];
}

export type EarlyStopOutcome = EarlyStopCandidate | { readonly skipped: string };

/**
 * Gradient descent from zero, stopped early, by ml-logistic-regression: it is well calibrated when stopped early (Wu, Bartlett, Telgarsky
 * and Yu 2025, arXiv 2502.13283). Each run costs rows x columns x steps multiplications twice (it fits either class). Above the budget
 * fewer rows of each day are taken, then fewer days; when that is not enough the candidate is skipped and says so.
 */
export function validateEarlyStop(validation: Validation, budget: number, shouldStop?: () => boolean): EarlyStopOutcome {
  const totalSteps = EARLY_STOPS.reduce((sum, steps) => sum + steps, 0);
  let cost = 0;
  for (const { train } of validation.folds) cost += 2 * totalSteps * train.rows * (train.cols + 1);
  const thinning = thinningFor(cost / budget, validation.groups.days.length);
  if (thinning === null)
    return { skipped: `would cost ${cost.toExponential(1)} multiplications, the budget is ${budget.toExponential(1)}` };
  const path = EARLY_STOPS.map((steps) => ({ steps, logits: new Float64Array(validation.rows.length) }));
  for (const { fold, train, test, labels, canFit, priorLogit } of validation.folds) {
    const days = fold.train.map((row) => validation.days[row]!);
    const sample = canFit && train.cols > 0 ? sampleOf(train, labels, takenRows(days, thinning)) : null;
    for (const { steps, logits } of path) {
      if (shouldStop?.()) return { skipped: "cancelled" };
      const model = sample && descend(sample, steps);
      const held = model && logitsOf(test, model.coefficients, model.intercept);
      fold.test.forEach((row, i) => {
        logits[row] = held?.[i] ?? priorLogit;
      });
    }
  }
  const tried = path.map(({ steps, logits }) => ({
    steps,
    logits,
    losses: dayLosses(validation.labels, logits, validation.groups, validation.weights),
  }));
  const best = tried[bestOf(tried.map(({ losses }) => losses))]!;
  return {
    ...best,
    thinning,
    path: tried.map(({ steps, losses }) => ({ steps, logLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length })),
  };
}

/** The rows of one descent, with the longest step that is sure to go down on them. */
interface Sample {
  readonly design: Design;
  readonly labels: Uint8Array;
  readonly learningRate: number;
}

export function sampleOf(design: Design, labels: Uint8Array, rows?: Int32Array): Sample {
  const taken =
    rows === undefined
      ? design
      : gather(
          design,
          rows,
          Array.from({ length: design.cols }, (_, j) => j),
        );
  const gram = weightedGram(taken, new Float64Array(taken.rows).fill(1));
  return {
    design: taken,
    labels: rows === undefined ? labels : Uint8Array.from(rows, (row) => labels[row]!),
    learningRate: 4 / largestEigenvalue(gram, taken.cols + 1),
  };
}

/** The package transposes what it learns from at every step, for either class, which took it longer than learning. */
class FixedMatrix extends Matrix {
  #transposed: Matrix | undefined;

  override transpose(): Matrix {
    this.#transposed ??= super.transpose();
    return this.#transposed;
  }
}

/** Fits standardised columns; a sample of one class, of which the package makes nothing, says its base rate. */
export function descend({ design, labels, learningRate }: Sample, steps: number): LinearModel {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) {
    const intercept = Math.log((positives + 1) / (labels.length - positives + 1));
    return { coefficients: new Float64Array(design.cols), intercept };
  }
  const columns = Array.from({ length: design.cols }, (_, j) => columnOf(design, j));
  const features = new FixedMatrix(Array.from(labels, (_, row) => [1, ...columns.map((column) => column[row]!)]));
  const package_ = new LogisticRegression({ numSteps: steps, learningRate });
  package_.train(features, Matrix.columnVector(Array.from(labels)));
  const weights = package_.classifiers[0]!.weights.to1DArray();
  return { coefficients: Float64Array.from(weights.slice(1)), intercept: weights[0]! };
}

/** In words, for the report; null when all rows were looked at. */
export function thinningWords({ everyRow, everyDay }: Thinning): string | null {
  if (everyRow === ALL_ROWS.everyRow && everyDay === ALL_ROWS.everyDay) return null;
  const parts = [...(everyDay === 1 ? [] : [`one day in ${everyDay}`]), ...(everyRow === 1 ? [] : [`one window in ${everyRow}`])];
  return `The early-stopped candidate was weighed on ${parts.join(" and ")}, to stay within its budget.`;
}

/** Power iteration on a symmetric matrix of which only the lower triangle is filled. */
export function largestEigenvalue(lower: Float64Array, size: number): number {
  let vector = new Float64Array(size).fill(1 / Math.sqrt(size));
  let value = 0;
  for (let iteration = 0; iteration < 50; iteration++) {
    const next = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) next[i] = next[i]! + (j <= i ? lower[i * size + j]! : lower[j * size + i]!) * vector[j]!;
    }
    value = Math.hypot(...next);
    if (!(value > 0)) return 1;
    vector = next.map((entry) => entry / value);
  }
  return value;
}
