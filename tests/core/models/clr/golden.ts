import { readFileSync } from "node:fs";

/** Shapes of tests/golden/clr_golden.json; its `conventions` say what each number means, its `crosscheck` fields which library agreed. */
export interface GoldenFit {
  readonly C: number;
  readonly coef_std: readonly number[];
  readonly intercept_std: number;
  readonly coef_raw: readonly number[];
  readonly intercept_raw: number;
  readonly objective: number;
  readonly log_loss: number;
  readonly brier: number;
  readonly roc_auc: number;
  readonly ece10: number;
  readonly ece_bins: readonly { bin: number; count: number; mean_p: number | null; frac_pos: number | null }[];
  readonly first3_eta: readonly number[];
  readonly first3_p: readonly number[];
}

export interface GoldenSet {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly fits: readonly GoldenFit[];
  readonly weights?: readonly number[];
  readonly day?: readonly number[];
  readonly weighted_fits?: readonly GoldenFit[];
  readonly unpenalised: {
    readonly coef_std: readonly number[];
    readonly intercept_std: number;
    readonly standard_errors_std: readonly number[];
  };
}

export interface Golden {
  readonly datasets: Readonly<Record<"unscaled" | "imbalanced" | "home_like", GoldenSet>>;
  readonly platt: {
    readonly scores: readonly number[];
    readonly y: readonly number[];
    readonly target_pos: number;
    readonly target_neg: number;
    readonly slope: number;
    readonly intercept: number;
    readonly objective: number;
    readonly log_loss_before: number;
    readonly log_loss_after: number;
    readonly brier_before: number;
    readonly brier_after: number;
    readonly roc_auc: number;
    readonly ece10_before: number;
    readonly ece10_after: number;
    readonly fold_example: { readonly coef_raw: readonly number[]; readonly intercept_raw: number };
  };
  readonly auc_ties: { readonly scores: readonly number[]; readonly y: readonly number[]; readonly roc_auc: number };
  readonly psi: {
    readonly edges: readonly number[];
    readonly reference: readonly number[];
    readonly current: readonly number[];
    readonly reference_counts: readonly number[];
    readonly current_counts: readonly number[];
    readonly eps: number;
    readonly psi: number;
    readonly zero_bin_example: {
      readonly reference_counts: readonly number[];
      readonly current_counts: readonly number[];
      readonly psi: number;
    };
  };
  readonly sigmoid_edges: { readonly eta: readonly number[]; readonly p: readonly number[]; readonly softplus: readonly number[] };
  readonly one_standard_error: {
    readonly C: readonly number[];
    readonly fold_log_loss: readonly (readonly number[])[];
    readonly best_C: number;
    readonly one_se_C: number;
  };
}

export const golden: Golden = JSON.parse(readFileSync(new URL("../../../golden/clr_golden.json", import.meta.url), "utf8"));

/** Largest distance between two vectors, relative where the expected magnitude exceeds 1: the tolerance the golden file asks for. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let k = 0; k < expected.length; k++) {
    const gap = Math.abs(actual[k]! - expected[k]!) / Math.max(1, Math.abs(expected[k]!));
    if (!(gap <= most)) most = gap;
  }
  return most;
}
