import { columnsOf, groupRank, penaltiesFor, type RidgeCandidate } from "./candidates.ts";
import { type Design, leadingColumns } from "./design.ts";
import { descend, sampleOf } from "./early-stop.ts";
import { ClrFault } from "./fault.ts";
import { fitRidge } from "./fit-ridge.ts";
import { type Calibration, foldCalibration } from "./platt.ts";
import { applyPreparation, type DropReason, MAX_LEVEL, type Preparation, prepare } from "./prepare.ts";
import { foldToRaw, type LinearModel } from "./scaling.ts";
import { type Thinning, takenRows } from "./thinning.ts";
import type { OrderedRows } from "./training-rows.ts";

/** One part of a recipe: a ridge fit at a strength, with the weight of its logits. */
interface RidgeMember {
  readonly candidate: RidgeCandidate;
  readonly strength: number;
  readonly weight: number;
}

interface EarlyStopRecipe {
  readonly kind: "early stop";
  readonly steps: number;
  readonly thinning: Thinning;
}

export type Recipe = { readonly kind: "ridge"; readonly members: readonly RidgeMember[] } | EarlyStopRecipe;

/** A model of raw feature values: logit = intercept + sum of coefficient * value. All arrays are as long as `featureNames`. */
export interface RawModel {
  readonly featureNames: readonly string[];
  readonly coefficients: readonly number[];
  readonly intercept: number;
  /** Training means: what a missing value becomes, and what contributions are measured from. */
  readonly imputation: readonly number[];
  /** Training standard deviations: coefficient * scale is the effect of a usual change. */
  readonly scale: readonly number[];
  readonly missingShare: readonly number[];
}

export interface Refit {
  readonly model: RawModel;
  readonly dropped: readonly { readonly feature: string; readonly reason: DropReason }[];
  readonly hasConverged: boolean;
}

const TOLERANCE = 1e-8;
const CHECKED_ROWS = 100;
const FOLD_TOLERANCE = 1e-9;

export interface RefitOptions {
  /** Largest gradient component over the total weight at which a fit is done. */
  readonly tolerance?: number;
  readonly shouldStop?: (() => boolean) | undefined;
}

/**
 * Fits a recipe on the given rows, averages the logits of its members, and folds scaling and calibration into raw units. Where folding
 * cancels digits that the coefficients need, the columns that lie furthest above their spread are dropped, until raw rows agree to 1e-9.
 * @throws ClrFault "fold mismatch" when they differ however few columns are left; "one class", "cancelled"
 */
export function refit(training: OrderedRows, recipe: Recipe, calibration: Calibration, options: RefitOptions = {}): Refit {
  for (let maxLevel = MAX_LEVEL; ; maxLevel /= 10) {
    try {
      return refitBelow(maxLevel, training, recipe, calibration, options);
    } catch (error) {
      if (!(error instanceof ClrFault && error.code === "fold mismatch" && maxLevel > 1)) throw error;
    }
  }
}

function refitBelow(maxLevel: number, training: OrderedRows, recipe: Recipe, calibration: Calibration, options: RefitOptions): Refit {
  const { design, features, rows, columns, dayIndex } = training;
  const preparation = prepare(design, rows, columns, dayIndex, maxLevel);
  const ranks = Int32Array.from(preparation.kept, (column) => groupRank(features[column]!.group));
  const widths = recipe.kind === "ridge" ? recipe.members.map(({ candidate }) => columnsOf(candidate, ranks)) : [ranks.length];
  const used = Math.max(...widths);
  // Only what the recipe looks at is copied.
  const taken = { ...preparation, kept: preparation.kept.subarray(0, used) };
  const fitted =
    recipe.kind === "ridge"
      ? fitMembers(training, applyPreparation(design, rows, taken), ranks, widths, recipe.members, options)
      : descendOn(training, taken, recipe);
  const scaling = { mean: preparation.mean.subarray(0, used), scale: preparation.scale.subarray(0, used) };
  const calibrated = foldCalibration(fitted, calibration);
  const folded = foldToRaw(calibrated, scaling);
  const kept = Array.from(taken.kept);
  const model: RawModel = {
    featureNames: kept.map((column) => features[column]!.name),
    coefficients: Array.from(folded.coefficients),
    intercept: folded.intercept,
    imputation: Array.from(scaling.mean),
    scale: Array.from(scaling.scale),
    missingShare: Array.from(preparation.missingShare.subarray(0, used)),
  };
  const stride = Math.max(1, Math.floor(rows.length / CHECKED_ROWS));
  const checked = rows.filter((_, k) => k % stride === 0);
  verifyFold(model, design, checked, kept, applyPreparation(design, checked, taken), calibrated);
  return {
    model,
    dropped: preparation.dropped.map(({ column, reason }) => ({ feature: features[column]!.name, reason })),
    hasConverged: fitted.hasConverged,
  };
}

type Fitted = LinearModel & { readonly hasConverged: boolean };

function descendOn({ design, labels, rows, dayIndex }: OrderedRows, taken: Preparation, recipe: EarlyStopRecipe): Fitted {
  const days = Int32Array.from(rows, (row) => dayIndex[row]!);
  const sample = takenRows(days, recipe.thinning).map((k) => rows[k]!);
  const sampled = Uint8Array.from(sample, (row) => labels[row]!);
  return { ...descend(sampleOf(applyPreparation(design, sample, taken), sampled), recipe.steps), hasConverged: true };
}

function fitMembers(
  training: OrderedRows,
  standard: Design,
  ranks: Int32Array,
  widths: readonly number[],
  members: readonly RidgeMember[],
  { tolerance = TOLERANCE, shouldStop }: RefitOptions,
): Fitted {
  const labels = Uint8Array.from(training.rows, (row) => training.labels[row]!);
  const weights = training.weights && Float64Array.from(training.rows, (row) => training.weights![row]!);
  const coefficients = new Float64Array(Math.max(...widths));
  let intercept = 0;
  let hasConverged = true;
  members.forEach(({ candidate, strength, weight }, k) => {
    const cols = widths[k]!;
    const problem = { design: leadingColumns(standard, cols), labels, weights, penalties: penaltiesFor(candidate, strength, ranks, cols) };
    const fit = fitRidge(problem, { gradientTolerance: tolerance, ...(shouldStop && { shouldStop }) });
    for (let j = 0; j < cols; j++) coefficients[j] = coefficients[j]! + weight * fit.coefficients[j]!;
    intercept += weight * fit.intercept;
    hasConverged &&= fit.hasConverged;
  });
  return { coefficients, intercept, hasConverged };
}

/** @throws ClrFault "fold mismatch" */
export function verifyFold(
  model: RawModel,
  raw: Design,
  rows: Int32Array,
  kept: readonly number[],
  standard: Design,
  calibrated: LinearModel,
): void {
  const stride = Math.max(1, Math.floor(rows.length / CHECKED_ROWS));
  for (let i = 0; i < rows.length; i += stride) {
    let expected = calibrated.intercept;
    let actual = model.intercept;
    for (let j = 0; j < kept.length; j++) {
      const cell = raw.columns[kept[j]! * raw.rows + rows[i]!]!;
      expected += calibrated.coefficients[j]! * standard.columns[j * standard.rows + i]!;
      actual += model.coefficients[j]! * (Number.isFinite(cell) ? cell : model.imputation[j]!);
    }
    const gap = Math.abs(actual - expected);
    if (!(gap <= FOLD_TOLERANCE * Math.max(1, Math.abs(expected)))) {
      throw new ClrFault("fold mismatch", `row ${rows[i]}: the folded logit ${actual} is ${gap} from the fitted one`);
    }
  }
}
