import type { Artifact } from "./artifact.ts";
import { sigmoid } from "./logit.ts";

interface Contribution {
  readonly feature: string;
  /** The value used: the given one, or the imputed one. */
  readonly value: number;
  readonly isImputed: boolean;
  /** coefficient * (value - training mean), in logits. */
  readonly contribution: number;
}

interface Score {
  readonly probability: number;
  readonly logit: number;
  /** Logit at the training means; logit = baseline + sum of contributions. */
  readonly baselineLogit: number;
  /** In the order of the artifact's feature names. */
  readonly contributions: readonly Contribution[];
  readonly imputedCount: number;
}

type Scored = Pick<Artifact, "model" | "feature_names" | "imputation">;

/** Scores one row of raw feature values by name. A value that is null, absent or not finite is imputed. */
export function scoreRow(artifact: Scored, values: Readonly<Record<string, number | null | undefined>>): Score {
  const { model, feature_names, imputation } = artifact;
  let logit = model.intercept;
  let baselineLogit = model.intercept;
  let imputedCount = 0;
  const contributions = feature_names.map((feature, k): Contribution => {
    const coefficient = model.coefficients[k]!;
    const mean = imputation[feature] ?? 0;
    const given = values[feature];
    const isImputed = typeof given !== "number" || !Number.isFinite(given);
    const value = isImputed ? mean : given;
    if (isImputed) imputedCount++;
    logit += coefficient * value;
    baselineLogit += coefficient * mean;
    return { feature, value, isImputed, contribution: isImputed ? 0 : coefficient * (value - mean) };
  });
  return { probability: sigmoid(logit), logit, baselineLogit, contributions, imputedCount };
}

/** Logit of a row given as numbers in the order of the artifact's feature names, NaN where missing: for many rows, nothing allocated. */
export function createScorer(artifact: Scored): (values: ArrayLike<number>) => number {
  const { intercept } = artifact.model;
  const coefficients = Float64Array.from(artifact.model.coefficients);
  const imputation = Float64Array.from(artifact.feature_names, (name) => artifact.imputation[name] ?? 0);
  return (values) => {
    let logit = intercept;
    for (let k = 0; k < coefficients.length; k++) {
      const value = values[k]!;
      logit += coefficients[k]! * (Number.isFinite(value) ? value : imputation[k]!);
    }
    return logit;
  };
}
