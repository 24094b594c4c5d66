import type { Knew } from "./day-marks.ts";
import { dayBlockedFolds } from "./folds.ts";
import { type FrozenRecipe, refitScorer } from "./refit-scorer.ts";
import type { SelectionOptions } from "./selection.ts";
import { orderRows, type TrainingRows, thin } from "./training-rows.ts";

export interface ServingModel {
  /** Null where it does not tell what it is made of. */
  readonly frozen: FrozenRecipe | null;
  /** As it serves: the logit of a row of the training. */
  readonly logitOf: (row: number) => number;
  readonly knew: (day: number) => Knew;
}

export interface NewModel {
  readonly frozen: FrozenRecipe;
  readonly clock: FrozenRecipe;
}

/** Rows of days that none of the logits was fitted on. */
export interface Contest {
  readonly labels: Uint8Array;
  readonly dayIndex: Int32Array;
  readonly challenger: Float64Array;
  readonly champion: Float64Array;
  readonly clock: Float64Array;
}

/** What is told of a contest are two digits, and both sides are fitted alike. */
const TOLERANCE = 1e-5;
const MAX_FOLDS = 5;
/** A habit of long ago judges no model of today's: as many days as the walk of a report goes back. */
const JUDGING_DAYS = 28;

interface ContestOptions extends Pick<SelectionOptions, "horizonMs" | "gridMs" | "embargoMs" | "shouldStop"> {
  /** More rows than this are thinned. */
  readonly maxRows: number;
}

/**
 * What the serving model and the new one say of the same held-out days, the last four weeks. Both are refitted from their own recipes. On days that the
 * serving model had been told as they are told now: in day-blocked folds, the new one on all that is said now, the serving one on what it had been told
 * alike, so that what was corrected or imported since then has to prove itself. On days after all that it knew: both on the days that it knew, so that not the later
 * knowledge is compared, which any refit has; the new one by what is said of them now, the serving one as it serves where it had been told otherwise. A day of which it had been told otherwise judges nobody.
 * @throws ClrFault "cancelled"
 */
export function holdContest(training: TrainingRows, challenger: NewModel, champion: ServingModel, options: ContestOptions): Contest {
  const { frozen } = champion;
  const ordered = orderRows(training);
  const { rows, stride } = thin(ordered.rows, options.maxRows);
  const weights = stride === 1 ? training.weights : Float64Array.from(training.labels, (_, row) => stride * (training.weights?.[row] ?? 1));
  const table = { ...ordered, ...(weights && { weights }) };
  const dayOf = (row: number): number => training.dayIndex[row]!;
  const days = Int32Array.from(rows, dayOf);
  const ends = Float64Array.from(rows, (row) => training.windowEndMs[row]!);
  const judgingFrom = days.reduce((latest, day) => Math.max(latest, day), Number.NEGATIVE_INFINITY) - JUDGING_DAYS + 1;
  const fit = { maxRows: options.maxRows, tolerance: TOLERANCE, shouldStop: options.shouldStop };
  const judged: { row: number; challenger: number; champion: number; clock: number }[] = [];
  if (frozen !== null) {
    for (const fold of dayBlockedFolds(days, ends, { ...options, maxFolds: MAX_FOLDS })) {
      const train = fold.train.map((at) => rows[at]!);
      judge(judging(fold.test, "as now"), train, train.filter(isKnown), frozen);
    }
    const told = rows.filter((row) => champion.knew(dayOf(row)) !== "nothing yet");
    judge(judging(rows.keys(), "nothing yet"), told, told.every(isKnown) ? told : null, frozen);
  }
  return {
    labels: Uint8Array.from(judged, ({ row }) => training.labels[row]!),
    dayIndex: Int32Array.from(judged, ({ row }) => dayOf(row)),
    challenger: Float64Array.from(judged, (each) => each.challenger),
    champion: Float64Array.from(judged, (each) => each.champion),
    clock: Float64Array.from(judged, (each) => each.clock),
  };

  function isKnown(row: number): boolean {
    return champion.knew(dayOf(row)) === "as now";
  }

  function judging(positions: Iterable<number>, knew: Knew): number[] {
    return Array.from(positions, (at) => rows[at]!).filter((row) => dayOf(row) >= judgingFrom && champion.knew(dayOf(row)) === knew);
  }

  function judge(test: readonly number[], train: Int32Array, known: Int32Array | null, served: FrozenRecipe): void {
    if (test.length === 0 || train.length === 0 || known?.length === 0) return;
    const refitted = (from: Int32Array, recipe: FrozenRecipe) => refitScorer(table, from, thinnedBefore(recipe, stride), fit);
    const [challengerOf, championOf, clock] = [
      refitted(train, challenger.frozen),
      known === null ? champion.logitOf : refitted(known, served),
      refitted(train, challenger.clock),
    ];
    for (const row of test) judged.push({ row, challenger: challengerOf(row), champion: championOf(row), clock: clock(row) });
  }
}

/** A descent takes one row in so many of all: here some of that has been done before. */
function thinnedBefore({ recipe, calibration }: FrozenRecipe, stride: number): FrozenRecipe {
  if (recipe.kind === "ridge" || stride === 1) return { recipe, calibration };
  const everyRow = Math.max(1, Math.round(recipe.thinning.everyRow / stride));
  return { recipe: { ...recipe, thinning: { ...recipe.thinning, everyRow } }, calibration };
}
