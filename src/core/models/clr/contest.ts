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

/**
 * What the serving model and the new one say of the same held-out days, in day-blocked folds. Each is refitted from its own recipe on what it
 * knows: the new one on all that is said now, the serving one on days of which it had been told the same; so what was corrected or imported
 * since then has to prove itself. A day after all that the serving model knew is answered by it as it serves, and one of which it had been told
 * otherwise judges nobody.
 * @throws ClrFault "cancelled"
 */
export function holdContest(
  training: TrainingRows,
  challenger: NewModel,
  champion: ServingModel,
  { maxRows, ...options }: Pick<SelectionOptions, "horizonMs" | "gridMs" | "embargoMs" | "shouldStop"> & { readonly maxRows: number },
): Contest {
  const ordered = orderRows(training);
  const { rows, stride } = thin(ordered.rows, maxRows);
  const weights = stride === 1 ? training.weights : Float64Array.from(training.labels, (_, row) => stride * (training.weights?.[row] ?? 1));
  const table = { ...ordered, ...(weights && { weights }) };
  const days = Int32Array.from(rows, (row) => training.dayIndex[row]!);
  const ends = Float64Array.from(rows, (row) => training.windowEndMs[row]!);
  const folds = dayBlockedFolds(days, ends, { ...options, maxFolds: MAX_FOLDS });
  const fit = { maxRows, tolerance: TOLERANCE, shouldStop: options.shouldStop };
  const judged: { row: number; challenger: number; champion: number; clock: number }[] = [];
  for (const fold of folds) {
    const train = fold.train.map((at) => rows[at]!);
    const known = train.filter((row) => champion.knew(training.dayIndex[row]!) === "as now");
    const test = Array.from(fold.test, (at) => rows[at]!);
    const refitted = champion.frozen === null || known.length === 0 ? null : refitScorer(table, known, champion.frozen, fit);
    const answerOf = { "as now": refitted, "nothing yet": champion.logitOf, otherwise: null };
    const judging = test.filter((row) => answerOf[champion.knew(training.dayIndex[row]!)] !== null);
    if (judging.length === 0) continue;
    const challengerOf = refitScorer(table, train, challenger.frozen, fit);
    const clockOf = refitScorer(table, train, challenger.clock, fit);
    for (const row of judging) {
      const championOf = answerOf[champion.knew(training.dayIndex[row]!)]!;
      judged.push({ row, challenger: challengerOf(row), champion: championOf(row), clock: clockOf(row) });
    }
  }
  return {
    labels: Uint8Array.from(judged, ({ row }) => training.labels[row]!),
    dayIndex: Int32Array.from(judged, ({ row }) => training.dayIndex[row]!),
    challenger: Float64Array.from(judged, (each) => each.challenger),
    champion: Float64Array.from(judged, (each) => each.champion),
    clock: Float64Array.from(judged, (each) => each.clock),
  };
}
