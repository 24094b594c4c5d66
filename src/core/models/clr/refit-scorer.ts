import { type Calibration, IDENTITY } from "./platt.ts";
import { type RawModel, type Recipe, type RefitOptions, refit } from "./refit.ts";
import { type OrderedRows, type TrainingRows, thin } from "./training-rows.ts";

/** Everything of a model but its fit: what is refitted when it must speak of days that it has not seen. */
export interface FrozenRecipe {
  readonly recipe: Recipe;
  readonly calibration: Calibration;
}

export interface ScorerOptions extends RefitOptions {
  /** More rows than this are thinned for the fit. */
  readonly maxRows: number;
}

/** The logit that a recipe gives any row of the training, refitted on some of them; of one class, the base rate of those. */
export function refitScorer(
  ordered: OrderedRows,
  trainRows: Int32Array,
  { recipe, calibration }: FrozenRecipe,
  { maxRows, ...options }: ScorerOptions,
): (row: number) => number {
  const { labels, weights } = ordered;
  const positives = trainRows.reduce((sum, row) => sum + labels[row]!, 0);
  if (positives === 0 || positives === trainRows.length) {
    const logit = baseRateLogit(positives, trainRows.length);
    return () => logit;
  }
  // Steps of a descent belong to so many rows: it thins them by itself.
  const { rows, stride } = thin(trainRows, recipe.kind === "ridge" ? maxRows : trainRows.length);
  const weighed = stride === 1 ? weights : Float64Array.from(labels, (_, row) => stride * (weights?.[row] ?? 1));
  const part: OrderedRows = { ...ordered, rows, ...(weighed && { weights: weighed }) };
  return rawScorer(ordered, refit(part, recipe, calibration, options).model);
}

export function clockOf(recipe: Recipe): FrozenRecipe {
  return { recipe, calibration: IDENTITY };
}

/** Smoothed by one row of each class. */
export function baseRateLogit(positives: number, rows: number): number {
  return Math.log((positives + 1) / (rows - positives + 1));
}

function rawScorer({ design, features }: TrainingRows, model: RawModel): (row: number) => number {
  const places = new Map(features.map(({ name }, column) => [name, column * design.rows]));
  const from = model.featureNames.map((name) => places.get(name)!);
  return (row) => {
    let logit = model.intercept;
    for (let k = 0; k < from.length; k++) {
      const cell = design.columns[from[k]! + row]!;
      logit += model.coefficients[k]! * (Number.isFinite(cell) ? cell : model.imputation[k]!);
    }
    return logit;
  };
}
