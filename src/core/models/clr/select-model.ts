import { type ChosenRecipe, chooseRecipe, clockRecipe } from "./choose-recipe.ts";
import { figuresOf } from "./held-out.ts";
import { logLoss } from "./metrics.ts";
import { IDENTITY } from "./platt.ts";
import { refit } from "./refit.ts";
import { fitNotes, heldOutNote } from "./report.ts";
import type { SelectedModel, Selection, SelectionOptions } from "./selection.ts";
import { type OrderedRows, orderRows, reasonsToSkip, type TrainingRows } from "./training-rows.ts";
import { walkForward } from "./walk-forward.ts";

/** Strength of the clock when no held-out day can choose one: a single night must not draw sharp edges. */
const UNVALIDATED_STRENGTH = 10;
/** Shares of the progress: what the choice, the walk and the last fit take. */
const STEPS = 20;
const CHOSEN = 9;
const WALKED = 18;

/**
 * Chooses, fits and judges the calibrated logistic regression of one target. The recipe is chosen on day-blocked folds of all days; how good it is
 * is told by a walk over the last days in which everything is chosen again on earlier days alone. Pure and deterministic; neither the order of
 * the rows nor that of the columns matters.
 * @throws ClrFault "shape mismatch", "cancelled", "fold mismatch". Too little to learn from is no error: status "skipped".
 */
export function selectModel(training: TrainingRows, options: SelectionOptions): Selection {
  const { shouldStop, onProgress } = options;
  const ordered = orderRows(training);
  const reasons = reasonsToSkip(ordered);
  if (reasons.length > 0) return { status: "skipped", reasons };
  const between = (from: number, to: number) => (done: number, total: number, step: string) =>
    onProgress?.(from + ((to - from) * done) / total, STEPS, step);

  const chosen = chooseRecipe(ordered, { ...options, onProgress: between(0, CHOSEN) });
  if (chosen === null) return withoutValidation(ordered, options);
  const walk = walkForward(ordered, { ...options, onProgress: between(CHOSEN, WALKED) });
  onProgress?.(WALKED, STEPS, "fit on all rows");
  const refitted = refit(ordered, chosen.recipe, chosen.calibration, { shouldStop });
  const heldOut = walk?.heldOut ?? chosen.heldOut;
  const selected: SelectedModel = {
    status: "trained",
    recipeName: chosen.name,
    recipe: chosen.recipe,
    calibration: { slope: chosen.calibration.slope, intercept: chosen.calibration.intercept },
    ...refitted,
    clockModel: refit(ordered, chosen.clock, IDENTITY, { shouldStop }).model,
    clockRecipe: chosen.clock,
    heldOut,
    figures: figuresOf(training, heldOut),
    report: {
      rows: ordered.rows.length,
      days: daysOf(ordered),
      ...chosen.report,
      cuts: walk?.cuts ?? [],
      foldsLogLoss: foldsLogLoss(training, chosen),
      notes: [heldOutNote(heldOut, training.dayIndex), ...chosen.report.notes, ...fitNotes(refitted)],
    },
  };
  onProgress?.(STEPS, STEPS, "done");
  return selected;
}

function foldsLogLoss({ labels }: TrainingRows, { heldOut: { rows, logits } }: ChosenRecipe): number {
  return logLoss(
    Uint8Array.from(rows, (row) => labels[row]!),
    logits,
  );
}

function daysOf({ rows, dayIndex }: OrderedRows): number {
  return new Set(rows.map((row) => dayIndex[row]!)).size;
}

/** One labelled day: the clock with a strong penalty, or the base rate, and no figure that could mislead. */
function withoutValidation(ordered: OrderedRows, { shouldStop }: SelectionOptions): SelectedModel {
  const recipe = clockRecipe(UNVALIDATED_STRENGTH);
  const refitted = refit(ordered, recipe, IDENTITY, { shouldStop });
  return {
    status: "trained",
    recipeName: refitted.model.featureNames.length === 0 ? "base rate" : "clock",
    recipe,
    calibration: IDENTITY,
    ...refitted,
    clockModel: refitted.model,
    clockRecipe: recipe,
    heldOut: null,
    figures: null,
    report: {
      rows: ordered.rows.length,
      days: daysOf(ordered),
      rowStride: 1,
      folds: [],
      cuts: [],
      candidates: [],
      earlyStop: { skipped: "one day leaves nothing to hold out" },
      calibration: null,
      foldsLogLoss: null,
      notes: ["One day leaves nothing to hold out: time of day with a strong penalty, not judged."],
    },
  };
}
