import type { RidgeCandidate } from "./candidates.ts";
import type { CalibrationChoice } from "./choose-calibration.ts";
import type { ValidatedCandidate } from "./cross-validate.ts";
import type { EarlyStopCandidate } from "./early-stop.ts";
import type { HeldOut, HeldOutFigures } from "./held-out.ts";
import type { Calibration } from "./platt.ts";
import type { PoolOptions } from "./pool-weights.ts";
import type { RawModel, Recipe, Refit } from "./refit.ts";

export interface SelectionOptions {
  /** The longest look-back of a feature, and the length of a window. */
  readonly horizonMs: number;
  readonly gridMs: number;
  /** Default: the horizon. */
  readonly embargoMs?: number;
  /** "clock" allows time of day alone, for a home with few labelled days; default "all". */
  readonly scope?: "clock" | "all";
  readonly maxFolds?: number;
  /** More rows than this are thinned for selection; the final fit sees all. */
  readonly maxRows?: number;
  readonly candidates?: readonly RidgeCandidate[];
  readonly strengths?: readonly number[];
  readonly pool?: PoolOptions;
  /** The recipe that serves: another one must be better by more than one standard error. Default: the clock, which any home can have. */
  readonly incumbent?: RecipeName;
  /** Multiplications that the early-stopped candidate may cost; 0 leaves it out. */
  readonly earlyStopBudget?: number;
  /** Asked between steps; true makes the selection throw ClrFault "cancelled". */
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (done: number, total: number, step: string) => void;
}

/** "clock" and "base rate" use no sensor; "pool" averages the logits of ridge fits; "early stop" is one gradient descent. */
export type RecipeName = "base rate" | "clock" | "pool" | "early stop";

export interface CandidateReport extends Omit<ValidatedCandidate, "logits" | "losses"> {
  readonly logLoss: number;
  /** Share of its logits in the pool. */
  readonly weight: number;
}

export type EarlyStopReport =
  | { readonly skipped: string }
  | (Pick<EarlyStopCandidate, "steps" | "thinning" | "path"> & {
      readonly logLoss: number;
      /** Against the pool, in nats a window: above 0 it is the better one. */
      readonly gain: number;
      readonly gainStandardError: number;
    });

export interface FoldReport {
  readonly testDays: readonly number[];
  /** The days of the rows that were really trained on. */
  readonly trainDays: readonly number[];
  readonly testRows: number;
  readonly trainRows: number;
  readonly purged: number;
  readonly embargoed: number;
}

/** One cut of the walk that the figures are from: what was chosen on the days before it. */
export interface CutReport extends FoldReport {
  readonly recipe: RecipeName;
}

/** How a recipe was chosen. */
export interface ChoiceReport {
  /** Every how many rows selection looked at. */
  readonly rowStride: number;
  readonly folds: readonly FoldReport[];
  readonly candidates: readonly CandidateReport[];
  readonly earlyStop: EarlyStopReport;
  readonly calibration: Omit<CalibrationChoice, "logits"> | null;
  /** Plain sentences: what was skipped or unusual. */
  readonly notes: readonly string[];
}

interface SelectionReport extends ChoiceReport {
  readonly rows: number;
  readonly days: number;
  /** Of the walk that the figures are from; none where they are from the folds. */
  readonly cuts: readonly CutReport[];
  /** Of the recipe on the folds that it was chosen by, which flatters; null where a single day leaves nothing to hold out. */
  readonly foldsLogLoss: number | null;
}

export interface SelectedModel extends Refit {
  readonly status: "trained";
  readonly recipeName: RecipeName;
  readonly recipe: Recipe;
  readonly calibration: Calibration;
  readonly model: RawModel;
  /** Time of day alone, for windows that the model cannot answer. */
  readonly clockModel: RawModel;
  readonly clockRecipe: Recipe;
  /** Null where a single day leaves nothing to hold out. */
  readonly heldOut: HeldOut | null;
  readonly figures: HeldOutFigures | null;
  readonly report: SelectionReport;
}

interface SkippedSelection {
  readonly status: "skipped";
  /** In words: what is missing. */
  readonly reasons: readonly string[];
}

export type Selection = SelectedModel | SkippedSelection;
