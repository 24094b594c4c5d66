import { type Artifact, parseArtifact } from "../core/models/clr/artifact.ts";
import { calibrationLine } from "../core/models/clr/calibration-line.ts";
import type { Standing } from "../core/models/clr/challenge.ts";
import { type Contest, holdContest, type ServingModel } from "../core/models/clr/contest.ts";
import { dayLosses, groupByDay, pairedDifference } from "../core/models/clr/day-losses.ts";
import { knowledgeOf } from "../core/models/clr/day-marks.ts";
import { ClrFault } from "../core/models/clr/fault.ts";
import { logLoss } from "../core/models/clr/metrics.ts";
import { clockOf } from "../core/models/clr/refit-scorer.ts";
import { createScorer } from "../core/models/clr/score.ts";
import type { RecipeName, SelectedModel } from "../core/models/clr/selection.ts";
import type { StageFacts, StageVerdict } from "../core/models/clr/stage.ts";
import type { TrainingRows } from "../core/models/clr/training-rows.ts";
import type { Db } from "../store/db.ts";
import { readChampions } from "../store/tables/models.ts";
import type { TrainingTable } from "./training-table.ts";

const RECIPES: readonly RecipeName[] = ["base rate", "clock", "pool", "early stop"];
/** Rows that a contest looks at: it compares, which takes fewer than a choice. */
const CONTEST_ROWS = 4000;

/** The model that serves a target; null where none does, or it cannot be read any more and so has to give way. */
export function servingArtifact(reader: Db, targetId: number): Artifact | null {
  const champion = readChampions(reader).find((each) => each.targetId === targetId);
  if (champion === undefined) return null;
  try {
    return parseArtifact(champion.artifactJson);
  } catch (error) {
    if (error instanceof ClrFault) return null;
    throw error;
  }
}

export function recipeOf(artifact: Artifact | null): RecipeName | undefined {
  return RECIPES.find((name) => name === artifact?.recipe);
}

interface ContestOptions {
  readonly horizonMs: number;
  readonly gridMs: number;
  readonly shouldStop: () => boolean;
}

/** The serving model and the new one on the same held-out days. */
export function contestOf(champion: Artifact, table: TrainingTable, selected: SelectedModel, options: ContestOptions): Contest {
  const challenger = { frozen: selected, clock: clockOf(selected.clockRecipe) };
  return holdContest(table.training, challenger, servingModel(champion, table), { ...options, maxRows: CONTEST_ROWS });
}

function servingModel(champion: Artifact, { training, said }: TrainingTable): ServingModel {
  const { made_of: recipe, calibration } = champion;
  return {
    frozen: recipe === undefined ? null : { recipe, calibration },
    logitOf: scorerOn(champion, training),
    knew: knowledgeOf(champion.training.said, said),
  };
}

function scorerOn(champion: Artifact, { design, features }: TrainingRows): (row: number) => number {
  const places = champion.feature_names.map((name) => features.findIndex((feature) => feature.name === name));
  const logitOf = createScorer(champion);
  return (row) => logitOf(places.map((place) => (place < 0 ? Number.NaN : design.columns[place * design.rows + row]!)));
}

/**
 * What a new model would take away: null unless the serving one can be trusted and the new one not. The serving model stands while it would pass the
 * gates on the days of the contest, or no day speaks of it.
 */
export function standingOf(
  champion: Artifact,
  verdict: StageVerdict,
  contest: Contest,
  judge: (facts: Partial<StageFacts>) => StageVerdict,
): Standing | null {
  if (champion.stage !== "eligible" || verdict.stage === "eligible") return null;
  // Where no day speaks of it, the gates that ask for labels alone still do; days without a night do not speak against what was judged before.
  const figures = contest.labels.length === 0 ? { skillVsClock: 0, skillStandardError: null, calibrationSlope: null } : factsOf(contest);
  return { lost: verdict.missing, stillStands: judge({ ...figures, isJudgedOnBoth: true }).stage === "eligible" };
}

function factsOf({ labels, dayIndex, champion, clock }: Contest): Partial<StageFacts> {
  const groups = groupByDay(dayIndex);
  const line = calibrationLine(labels, champion, dayIndex);
  const clockLoss = logLoss(labels, clock);
  const difference = pairedDifference(dayLosses(labels, champion, groups), dayLosses(labels, clock, groups));
  return {
    calibrationSlope: line.slope,
    calibrationSlopeStandardError: line.slopeStandardError,
    skillVsClock: 1 - logLoss(labels, champion) / clockLoss,
    skillStandardError: difference.standardError / clockLoss,
  };
}
