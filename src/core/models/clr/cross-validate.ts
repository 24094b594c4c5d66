import { columnsOf, groupRank, penaltiesFor, type RidgeCandidate } from "./candidates.ts";
import { bestOf, type DayGroups, type DayLosses, dayLosses, groupByDay, pairedDifference, strongestWithinOneError } from "./day-losses.ts";
import { type Design, leadingColumns, logitsOf } from "./design.ts";
import { ridgePath } from "./fit-ridge.ts";
import { dayBlockedFolds, type Fold, type FoldOptions } from "./folds.ts";
import { applyPreparation, prepare } from "./prepare.ts";
import type { LinearModel } from "./scaling.ts";
import type { OrderedRows } from "./training-rows.ts";

/** One fold, ready to fit: everything in it was learnt from its training rows. */
interface PreparedFold {
  readonly fold: Fold;
  readonly train: Design;
  readonly test: Design;
  readonly labels: Uint8Array;
  readonly weights: Float64Array | undefined;
  /** Group rank of each column of train and test. */
  readonly ranks: Int32Array;
  /** Logit of the training rows' base rate, smoothed by one row of each class. */
  readonly priorLogit: number;
  /** Both classes occur in training; else the fold is answered by its base rate. */
  readonly canFit: boolean;
}

/** The rows that selection looks at, in time order, and their folds. Row numbers of folds count within `rows`. */
export interface Validation {
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
  readonly weights: Float64Array | undefined;
  readonly days: Int32Array;
  readonly groups: DayGroups;
  readonly folds: readonly PreparedFold[];
}

export function prepareValidation(training: OrderedRows, rows: Int32Array, stride: number, options: FoldOptions): Validation {
  const { design, features, columns, dayIndex, windowEndMs } = training;
  const labels = Uint8Array.from(rows, (row) => training.labels[row]!);
  // A thinned row stands for its neighbours, so that a penalty means the same as on all rows.
  const weights =
    stride === 1 && training.weights === undefined ? undefined : Float64Array.from(rows, (row) => stride * (training.weights?.[row] ?? 1));
  const days = Int32Array.from(rows, (row) => dayIndex[row]!);
  const ends = Float64Array.from(rows, (row) => windowEndMs[row]!);
  const folds = dayBlockedFolds(days, ends, options).map((fold): PreparedFold => {
    const trainRows = fold.train.map((k) => rows[k]!);
    const preparation = prepare(design, trainRows, columns, dayIndex);
    const trainLabels = Uint8Array.from(fold.train, (k) => labels[k]!);
    const positives = trainLabels.reduce((sum, label) => sum + label, 0);
    const negatives = trainLabels.length - positives;
    return {
      fold,
      train: applyPreparation(design, trainRows, preparation),
      test: applyPreparation(
        design,
        fold.test.map((k) => rows[k]!),
        preparation,
      ),
      labels: trainLabels,
      weights: weights && Float64Array.from(fold.train, (k) => weights[k]!),
      ranks: Int32Array.from(preparation.kept, (column) => groupRank(features[column]!.group)),
      priorLogit: Math.log((positives + 1) / (negatives + 1)),
      canFit: positives > 0 && negatives > 0,
    };
  });
  return { rows, labels, weights, days, groups: groupByDay(days), folds };
}

/** Held-out logits of the base rate: what a model without any feature would say. */
export function priorLogits({ rows, folds }: Validation): Float64Array {
  const logits = new Float64Array(rows.length);
  for (const { fold, priorLogit } of folds) for (const row of fold.test) logits[row] = priorLogit;
  return logits;
}

/** A candidate after cross-validation, at the strongest strength within one standard error of its best. */
export interface ValidatedCandidate {
  readonly candidate: RidgeCandidate;
  readonly strength: number;
  /** Held-out logit per row of the validation. */
  readonly logits: Float64Array;
  readonly losses: DayLosses;
  /** Mean held-out loss per strength, as far as the path was followed. */
  readonly path: readonly { readonly strength: number; readonly logLoss: number; readonly standardError: number }[];
  readonly bestStrength: number;
  readonly unconverged: number;
}

/** Fits of a selection: their choice needs a few digits, not all. */
const TOLERANCE = 1e-5;
const MAX_ITERATIONS = 60;
/** Weaker penalties are not tried after this many in a row that lost this much: nothing beyond the minimum can be chosen. */
const PATIENCE = 2;
const GIVE_UP = 1.02;

export function validateRidge(
  validation: Validation,
  candidate: RidgeCandidate,
  strengths: readonly number[],
  shouldStop?: () => boolean,
): ValidatedCandidate {
  const runs = validation.folds.map((prepared) => ({ prepared, next: foldPath(prepared, candidate, strengths, shouldStop) }));
  const logitsPath: Float64Array[] = [];
  const lossPath: DayLosses[] = [];
  let unconverged = 0;
  let worse = 0;
  for (let k = 0; k < strengths.length && worse < PATIENCE; k++) {
    const logits = new Float64Array(validation.rows.length);
    for (const { prepared, next } of runs) {
      const fit = next();
      if (!fit.hasConverged) unconverged++;
      const held = logitsOf(leadingColumns(prepared.test, fit.coefficients.length), fit.coefficients, fit.intercept);
      for (let i = 0; i < held.length; i++) logits[prepared.fold.test[i]!] = held[i]!;
    }
    logitsPath.push(logits);
    lossPath.push(dayLosses(validation.labels, logits, validation.groups, validation.weights));
    const best = bestOf(lossPath);
    worse = best < k && meanOf(lossPath[k]!) > GIVE_UP * meanOf(lossPath[best]!) ? worse + 1 : 0;
  }
  const best = bestOf(lossPath);
  const chosen = strongestWithinOneError(lossPath);
  return {
    candidate,
    strength: strengths[chosen]!,
    logits: logitsPath[chosen]!,
    losses: lossPath[chosen]!,
    path: lossPath.map((losses, k) => ({
      strength: strengths[k]!,
      logLoss: meanOf(losses),
      standardError: pairedDifference(losses, lossPath[best]!).standardError,
    })),
    bestStrength: strengths[best]!,
    unconverged,
  };
}

type FoldFit = LinearModel & { readonly hasConverged: boolean };

/** The fits of one fold from strong to weak, one per call. */
function foldPath(
  prepared: PreparedFold,
  candidate: RidgeCandidate,
  strengths: readonly number[],
  shouldStop?: () => boolean,
): () => FoldFit {
  const cols = columnsOf(candidate, prepared.ranks);
  const baseRate: FoldFit = { coefficients: new Float64Array(0), intercept: prepared.priorLogit, hasConverged: true };
  if (!prepared.canFit || cols === 0) return () => baseRate;
  const penalties = strengths.map((strength) => penaltiesFor(candidate, strength, prepared.ranks, cols));
  const path = ridgePath({ design: leadingColumns(prepared.train, cols), labels: prepared.labels, weights: prepared.weights }, penalties, {
    gradientTolerance: TOLERANCE,
    maxIterations: MAX_ITERATIONS,
    ...(shouldStop && { shouldStop }),
  });
  return () => path.next().value ?? baseRate;
}

function meanOf(losses: DayLosses): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
