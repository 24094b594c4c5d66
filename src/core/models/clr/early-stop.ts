import LogisticRegression from "ml-logistic-regression";
import { Matrix } from "ml-matrix";
import type { Validation } from "./cross-validate.ts";
import { bestOf, type DayLosses, dayLosses } from "./day-losses.ts";
import { columnOf, type Design, logitsOf } from "./design.ts";
import { weightedGram } from "./gram.ts";
import type { LinearModel } from "./scaling.ts";

/** Steps of gradient descent to try: few steps are a strong penalty, many a weak one. */
export const EARLY_STOPS: readonly number[] = [10, 30, 100, 300];
/** Rows are thinned at most this much to stay within the budget: beyond it, days are no longer seen as they were. */
const MAX_STRIDE = 4;

export interface EarlyStopCandidate {
  readonly steps: number;
  readonly stride: number;
  readonly logits: Float64Array;
  readonly losses: DayLosses;
  readonly path: readonly { readonly steps: number; readonly logLoss: number }[];
}

export type EarlyStopOutcome = EarlyStopCandidate | { readonly skipped: string };

/**
 * Gradient descent from zero, stopped early, by ml-logistic-regression: it is well calibrated when stopped early (Wu, Bartlett, Telgarsky
 * and Yu 2025, arXiv 2502.13283). Each run costs rows x columns x steps multiplications twice (it fits either class); above the budget
 * rows are thinned, and when that is not enough the candidate is skipped and says so.
 */
export function validateEarlyStop(validation: Validation, budget: number, shouldStop?: () => boolean): EarlyStopOutcome {
  const totalSteps = EARLY_STOPS.reduce((sum, steps) => sum + steps, 0);
  let cost = 0;
  for (const { train } of validation.folds) cost += 2 * totalSteps * train.rows * (train.cols + 1);
  const stride = Math.max(1, Math.ceil(cost / budget));
  if (stride > MAX_STRIDE)
    return { skipped: `would cost ${cost.toExponential(1)} multiplications, the budget is ${budget.toExponential(1)}` };
  const path = EARLY_STOPS.map((steps) => {
    const logits = new Float64Array(validation.rows.length);
    for (const { fold, train, test, labels, canFit, priorLogit } of validation.folds) {
      const model = canFit && train.cols > 0 ? descend(train, labels, steps, stride) : undefined;
      if (shouldStop?.()) return undefined;
      const held = model && logitsOf(test, model.coefficients, model.intercept);
      fold.test.forEach((row, i) => {
        logits[row] = held?.[i] ?? priorLogit;
      });
    }
    return { steps, logits, losses: dayLosses(validation.labels, logits, validation.groups, validation.weights) };
  });
  const tried = path.filter((step) => step !== undefined);
  if (tried.length < path.length) return { skipped: "cancelled" };
  const best = tried[bestOf(tried.map(({ losses }) => losses))]!;
  return {
    ...best,
    stride,
    path: tried.map(({ steps, losses }) => ({ steps, logLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length })),
  };
}

/** Fits standardised columns; NaN when the package diverged, which its silence would hide. */
export function descend(design: Design, labels: Uint8Array, steps: number, stride: number): LinearModel {
  const taken = Array.from(labels.keys()).filter((row) => row % stride === 0);
  const columns = Array.from({ length: design.cols }, (_, j) => columnOf(design, j));
  const features = new Matrix(taken.map((row) => [1, ...columns.map((column) => column[row]!)]));
  const learningRate = 4 / largestEigenvalue(weightedGram(design, new Float64Array(design.rows).fill(1 / stride)), design.cols + 1);
  const package_ = new LogisticRegression({ numSteps: steps, learningRate });
  package_.train(features, Matrix.columnVector(taken.map((row) => labels[row]!)));
  const weights = package_.classifiers[0]!.weights.to1DArray();
  return { coefficients: Float64Array.from(weights.slice(1)), intercept: weights[0]! };
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
