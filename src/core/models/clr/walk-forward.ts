import { CHOICE_DEFAULTS, chooseRecipe } from "./choose-recipe.ts";
import { forwardCuts } from "./folds.ts";
import type { HeldOut } from "./held-out.ts";
import { baseRateLogit, clockOf, refitScorer } from "./refit-scorer.ts";
import { foldReport } from "./report.ts";
import type { CutReport, RecipeName, SelectionOptions } from "./selection.ts";
import type { OrderedRows } from "./training-rows.ts";

export interface Walk {
  readonly heldOut: HeldOut;
  readonly cuts: readonly CutReport[];
}

/** As tightly as the fits of a choice: what is told of a day are three digits. */
const TOLERANCE = 1e-5;
/** Of the choice before each cut; the one that serves has five, which would cost more than it tells here. */
const FOLDS = 3;

/**
 * What would have been said of the last days by models chosen and fitted on nothing but the days before them: at each cut the whole choice is
 * made again, its incumbent being what the cut before chose. The choices of all cuts together look at about as many rows as the one that serves,
 * so a walk costs about what that costs. Null where days are too few. @throws ClrFault "cancelled"
 */
export function walkForward(ordered: OrderedRows, options: SelectionOptions): Walk | null {
  const days = Int32Array.from(ordered.rows, (row) => ordered.dayIndex[row]!);
  const ends = Float64Array.from(ordered.rows, (row) => ordered.windowEndMs[row]!);
  const cuts = forwardCuts(days, ends, options);
  if (cuts.length === 0) return null;
  const { maxRows = CHOICE_DEFAULTS.maxRows, earlyStopBudget = CHOICE_DEFAULTS.earlyStopBudget, onProgress, ...rest } = options;
  const share = {
    maxRows: Math.ceil(Math.min(maxRows, ordered.rows.length) / cuts.length),
    earlyStopBudget: earlyStopBudget / cuts.length,
  };
  const total = cuts.reduce((sum, { test }) => sum + test.length, 0);
  const said = { logits: new Float64Array(total), clock: new Float64Array(total), baseRate: new Float64Array(total) };
  const rows = new Int32Array(total);
  const reports: CutReport[] = [];
  let incumbent: RecipeName = "clock";
  let at = 0;
  for (const [k, cut] of cuts.entries()) {
    onProgress?.(k, cuts.length, `walk: cut ${k + 1} of ${cuts.length}`);
    const train = cut.train.map((position) => ordered.rows[position]!);
    const models = modelsOf(ordered, train, { ...rest, ...share, maxFolds: FOLDS, incumbent }, maxRows);
    incumbent = models.recipe;
    for (const position of cut.test) {
      const row = ordered.rows[position]!;
      rows[at] = row;
      said.logits[at] = models.logitOf(row);
      said.clock[at] = models.clockOf(row);
      said.baseRate[at] = models.baseRate;
      at++;
    }
    reports.push({ ...foldReport(cut, days), recipe: models.recipe });
  }
  return { heldOut: { by: "walk-forward", rows, ...said }, cuts: reports };
}

interface Models {
  readonly recipe: RecipeName;
  readonly logitOf: (row: number) => number;
  readonly clockOf: (row: number) => number;
  readonly baseRate: number;
}

function modelsOf(ordered: OrderedRows, train: Int32Array, options: SelectionOptions, maxRows: number): Models {
  const positives = train.reduce((sum, row) => sum + ordered.labels[row]!, 0);
  const baseRate = baseRateLogit(positives, train.length);
  const chosen = positives === 0 || positives === train.length ? null : chooseRecipe({ ...ordered, rows: train }, options);
  if (chosen === null) return { recipe: "base rate", logitOf: () => baseRate, clockOf: () => baseRate, baseRate };
  const fit = { maxRows, tolerance: TOLERANCE, shouldStop: options.shouldStop };
  return {
    recipe: chosen.name,
    logitOf: refitScorer(ordered, train, chosen, fit),
    clockOf: refitScorer(ordered, train, clockOf(chosen.clock), fit),
    baseRate,
  };
}
