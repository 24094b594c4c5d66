import { type Assessment, assess } from "./assess.ts";
import { dayLosses, groupByDay, pairedDifference } from "./day-losses.ts";
import type { TrainingRows } from "./training-rows.ts";

/** How days were kept from the models that speak of them: models of earlier days alone, or of all other days. */
export type HeldOutBy = "walk-forward" | "day-blocked folds";

/** What was said of rows by models that had not seen their days; all arrays in the order of `rows`. */
export interface HeldOut {
  readonly by: HeldOutBy;
  /** Rows of the training, in time order. */
  readonly rows: Int32Array;
  /** Of the model, of time of day alone, and of the base rate. */
  readonly logits: Float64Array;
  readonly clock: Float64Array;
  readonly baseRate: Float64Array;
}

/** The figures of held-out days, each model on the same rows. */
export interface HeldOutFigures {
  readonly assessment: Assessment;
  readonly clock: Assessment;
  readonly baseRate: Assessment;
  /** 1 - log loss / log loss of the clock (of the base rate): above 0 is better. */
  readonly skillVsClock: number;
  readonly skillVsBaseRate: number;
  /** Of the skill, by how the difference from the clock varies over days. */
  readonly skillStandardError: number;
}

export function figuresOf(training: TrainingRows, { rows, logits, clock, baseRate }: HeldOut): HeldOutFigures {
  const labels = Uint8Array.from(rows, (row) => training.labels[row]!);
  const days = Int32Array.from(rows, (row) => training.dayIndex[row]!);
  const groups = groupByDay(days);
  const assessed = [logits, clock, baseRate].map((each) => assess(labels, each, days, groups)) as [Assessment, Assessment, Assessment];
  const [ours, clocks, rates] = assessed;
  const difference = pairedDifference(dayLosses(labels, logits, groups), dayLosses(labels, clock, groups));
  return {
    assessment: ours,
    clock: clocks,
    baseRate: rates,
    skillVsClock: 1 - ours.logLoss / clocks.logLoss,
    skillVsBaseRate: 1 - ours.logLoss / rates.logLoss,
    skillStandardError: difference.standardError / clocks.logLoss,
  };
}
