import { columnsOf, groupRank, penaltiesFor, type RidgeCandidate } from "./candidates.ts";
import { type Design, leadingColumns } from "./design.ts";
import { descend, sampleOf } from "./early-stop.ts";
import { ClrFault } from "./fault.ts";
import { fitRidge } from "./fit-ridge.ts";
import { type Calibration, foldCalibration } from "./platt.ts";
import { applyPreparation, type DropReason, prepare } from "./prepare.ts";
import { foldToRaw, type LinearModel } from "./scaling.ts";
import { type Thinning, takenRows } from "./thinning.ts";
import type { OrderedRows } from "./training-rows.ts";

/** One part of a recipe: a ridge fit at a strength, with the weight of its logits. */
interface RidgeMember {
  readonly candidate: RidgeCandidate;
  readonly strength: number;
  readonly weight: number;
}

export type Recipe =
  | { readonly kind: "ridge"; readonly members: readonly RidgeMember[] }
  | { readonly kind: "early stop"; readonly steps: number; readonly thinning: Thinning };

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

/**
 * Fits a recipe on all rows, averages the logits of its members, and folds scaling and calibration into raw units.
 * @throws ClrFault "fold mismatch" when raw rows, scored with the folded model, differ from the fitted one by more than 1e-9.
 */
export function refit(training: OrderedRows, recipe: Recipe, calibration: Calibration, shouldStop?: () => boolean): Refit {
  const { design, features, rows, columns, dayIndex } = training;
  const preparation = prepare(design, rows, columns, dayIndex);
  const standard = applyPreparation(design, rows, preparation);
  const labels = Uint8Array.from(rows, (row) => training.labels[row]!);
  const weights = training.weights && Float64Array.from(rows, (row) => training.weights![row]!);
  const ranks = Int32Array.from(preparation.kept, (column) => groupRank(features[column]!.group));
  const days = Int32Array.from(rows, (row) => dayIndex[row]!);
  const fitted =
    recipe.kind === "ridge"
      ? fitMembers(standard, labels, weights, ranks, recipe.members, shouldStop)
      : { ...descend(sampleOf(standard, labels, takenRows(days, recipe.thinning)), recipe.steps), hasConverged: true };
  const used = fitted.coefficients.length;
  const scaling = { mean: preparation.mean.subarray(0, used), scale: preparation.scale.subarray(0, used) };
  const calibrated = foldCalibration(fitted, calibration);
  const folded = foldToRaw(calibrated, scaling);
  const kept = Array.from(preparation.kept.subarray(0, used));
  const model: RawModel = {
    featureNames: kept.map((column) => features[column]!.name),
    coefficients: Array.from(folded.coefficients),
    intercept: folded.intercept,
    imputation: Array.from(scaling.mean),
    scale: Array.from(scaling.scale),
    missingShare: Array.from(preparation.missingShare.subarray(0, used)),
  };
  verifyFold(model, design, rows, kept, leadingColumns(standard, used), calibrated);
  return {
    model,
    dropped: preparation.dropped.map(({ column, reason }) => ({ feature: features[column]!.name, reason })),
    hasConverged: fitted.hasConverged,
  };
}

function fitMembers(
  standard: Design,
  labels: Uint8Array,
  weights: Float64Array | undefined,
  ranks: Int32Array,
  members: readonly RidgeMember[],
  shouldStop?: () => boolean,
): LinearModel & { readonly hasConverged: boolean } {
  const widths = members.map(({ candidate }) => columnsOf(candidate, ranks));
  const coefficients = new Float64Array(Math.max(...widths));
  let intercept = 0;
  let hasConverged = true;
  members.forEach(({ candidate, strength, weight }, k) => {
    const cols = widths[k]!;
    const problem = { design: leadingColumns(standard, cols), labels, weights, penalties: penaltiesFor(candidate, strength, ranks, cols) };
    const fit = fitRidge(problem, { gradientTolerance: TOLERANCE, ...(shouldStop && { shouldStop }) });
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
