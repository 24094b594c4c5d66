import { CLOCK_CANDIDATE, RIDGE_CANDIDATES, STRENGTHS } from "./candidates.ts";
import { type CalibrationChoice, chooseCalibration } from "./choose-calibration.ts";
import { prepareValidation, priorLogits, type ValidatedCandidate, type Validation, validateRidge } from "./cross-validate.ts";
import { type DayLosses, dayLosses, pairedDifference, widened } from "./day-losses.ts";
import { type EarlyStopCandidate, type EarlyStopOutcome, validateEarlyStop } from "./early-stop.ts";
import { ClrFault } from "./fault.ts";
import type { HeldOut } from "./held-out.ts";
import { POOL_DEFAULTS, poolWeights } from "./pool-weights.ts";
import type { Recipe } from "./refit.ts";
import { candidateReports, choiceNotes, foldReports } from "./report.ts";
import type { ChoiceReport, EarlyStopReport, RecipeName, SelectionOptions } from "./selection.ts";
import { type OrderedRows, thin } from "./training-rows.ts";

/** A candidate of less weight changes no decision and only costs a fit. */
const MIN_WEIGHT = 0.005;
export const CHOICE_DEFAULTS = {
  maxFolds: 5,
  maxRows: 20_000,
  /** Two to three seconds on a desk computer, as long as the rest of a selection. */
  earlyStopBudget: 3e8,
  scope: "all",
  candidates: RIDGE_CANDIDATES,
  strengths: STRENGTHS,
} as const;

/** What a model is made by: everything that was chosen before its last fit. */
export interface ChosenRecipe {
  readonly name: RecipeName;
  readonly recipe: Recipe;
  readonly calibration: Omit<CalibrationChoice, "logits">;
  /** Time of day alone, at its own strength. */
  readonly clock: Recipe;
  /** On the day-blocked folds that it was chosen by. */
  readonly heldOut: HeldOut;
  readonly report: ChoiceReport;
}

/**
 * Chooses strengths, weights, recipe and calibration on day-blocked folds of the given rows; imputation, dropped columns and scaling are learnt
 * inside each fold. Null where a single day leaves nothing to hold out. @throws ClrFault "cancelled"
 */
export function chooseRecipe(ordered: OrderedRows, options: SelectionOptions): ChosenRecipe | null {
  const settings = { ...CHOICE_DEFAULTS, ...options };
  const { shouldStop, onProgress, scope } = settings;
  const thinned = thin(ordered.rows, settings.maxRows);
  const validation = prepareValidation(ordered, thinned.rows, thinned.stride, settings);
  if (validation.folds.length === 0) return null;

  const others = scope === "clock" ? [] : settings.candidates.filter((candidate) => candidate !== CLOCK_CANDIDATE);
  const candidates = [CLOCK_CANDIDATE, ...others];
  const validated = candidates.map((candidate, k) => {
    onProgress?.(k, candidates.length + 1, `candidate: ${candidate.name}`);
    return validateRidge(validation, candidate, settings.strengths, shouldStop);
  });
  onProgress?.(candidates.length, candidates.length + 1, "candidate: early stop");
  const earlyStop: EarlyStopOutcome =
    scope === "clock" ? { skipped: "the scope is time of day alone" } : validateEarlyStop(validation, settings.earlyStopBudget, shouldStop);
  if (shouldStop?.()) throw new ClrFault("cancelled", "the selection was cancelled");
  return conclude(validation, thinned.stride, validated, earlyStop, settings);
}

interface Choice {
  readonly name: RecipeName;
  readonly recipe: Recipe;
  readonly logits: Float64Array;
}

function conclude(
  validation: Validation,
  rowStride: number,
  validated: readonly ValidatedCandidate[],
  earlyStop: EarlyStopOutcome,
  options: SelectionOptions,
): ChosenRecipe {
  const clock = clockChoice(validated[0]!);
  const weights = poolOf(validated, options);
  const choices = [clock, ...(validated.length > 1 ? [poolChoice(validated, weights)] : [])];
  const earlyStopReport = earlyStopReportOf(validation, choices.at(-1)!, earlyStop);
  if (!("skipped" in earlyStop)) choices.push(earlyStopChoice(earlyStop, rowStride));
  const { name, recipe, logits: uncalibrated } = settle(validation, choices, options.incumbent ?? "clock");
  const { logits, ...calibration } = chooseCalibration(validation, uncalibrated);
  return {
    name,
    recipe,
    calibration,
    clock: clock.recipe,
    heldOut: { by: "day-blocked folds", rows: validation.rows, logits, clock: clock.logits, baseRate: priorLogits(validation) },
    report: {
      rowStride,
      folds: foldReports(validation),
      candidates: candidateReports(validated, weights),
      earlyStop: earlyStopReport,
      calibration,
      notes: choiceNotes(validation, validated, rowStride, earlyStopReport, calibration),
    },
  };
}

function poolOf(validated: readonly ValidatedCandidate[], options: SelectionOptions): Float64Array {
  const losses = validated.map((candidate) => candidate.losses);
  const weights = poolWeights(losses, options.pool ?? POOL_DEFAULTS).map((weight) => (weight < MIN_WEIGHT ? 0 : weight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * Of the recipes tried, the one that serves, unless another is better on held-out days by more than one standard error of paired days: sensors
 * that know nothing must not make a home worse than its clock, and a recipe must not change with the day. Moving the pool towards the clock as
 * far as one standard error allows was worse in eight of twelve homes, real and simulated, and better in two (geometric mean of log losses
 * 0.054 against 0.051): it takes away what few nights cannot prove yet.
 */
function settle(validation: Validation, choices: readonly Choice[], incumbent: RecipeName): Choice {
  const first = choices.find(({ name }) => name === incumbent) ?? choices[0]!;
  return choices.reduce((best, choice) => {
    if (choice.name === best.name) return best;
    const gain = pairedDifference(lossesOf(validation, best.logits), lossesOf(validation, choice.logits));
    return gain.mean > widened(gain.standardError, validation.groups.days.length) ? choice : best;
  }, first);
}

function clockChoice({ strength, logits }: ValidatedCandidate): Choice {
  return { name: "clock", recipe: clockRecipe(strength), logits };
}

function poolChoice(validated: readonly ValidatedCandidate[], weights: Float64Array): Choice {
  const logits = new Float64Array(validated[0]!.logits.length);
  validated.forEach((member, k) => {
    if (weights[k] === 0) return;
    for (let i = 0; i < logits.length; i++) logits[i] = logits[i]! + weights[k]! * member.logits[i]!;
  });
  const members = validated.map(({ candidate, strength }, k) => ({ candidate, strength, weight: weights[k]! }));
  return { name: "pool", recipe: { kind: "ridge", members: members.filter(({ weight }) => weight > 0) }, logits };
}

/** Refitted on as many rows as it was weighed on: steps mean another penalty on more. */
function earlyStopChoice({ steps, thinning, logits }: EarlyStopCandidate, rowStride: number): Choice {
  const recipe: Recipe = { kind: "early stop", steps, thinning: { ...thinning, everyRow: thinning.everyRow * rowStride } };
  return { name: "early stop", recipe, logits };
}

function earlyStopReportOf(validation: Validation, ridge: Choice, earlyStop: EarlyStopOutcome): EarlyStopReport {
  if ("skipped" in earlyStop) return earlyStop;
  const { steps, thinning, losses, path } = earlyStop;
  const gain = pairedDifference(lossesOf(validation, ridge.logits), losses);
  const logLoss = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  return { steps, thinning, path, logLoss, gain: gain.mean, gainStandardError: gain.standardError };
}

export function clockRecipe(strength: number): Recipe {
  return { kind: "ridge", members: [{ candidate: CLOCK_CANDIDATE, strength, weight: 1 }] };
}

function lossesOf({ labels, groups, weights }: Validation, logits: Float64Array): DayLosses {
  return dayLosses(labels, logits, groups, weights);
}
