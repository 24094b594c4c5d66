import { type Artifact, parseArtifact } from "../core/models/clr/artifact.ts";
import { type ContestVerdict, decideContest } from "../core/models/clr/challenge.ts";
import { ClrFault } from "../core/models/clr/fault.ts";
import { createScorer } from "../core/models/clr/score.ts";
import type { HeldOut, RecipeName } from "../core/models/clr/selection.ts";
import type { TrainingRows } from "../core/models/clr/training-rows.ts";
import type { Db } from "../store/db.ts";
import { readChampions } from "../store/tables/models.ts";

const RECIPES: readonly RecipeName[] = ["base rate", "clock", "pool", "early stop"];

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

/** Whether a new model takes the serving one's place, judged on the held-out rows that end after everything the serving one was trained on. */
export function judgeChallenger(champion: Artifact | null, training: TrainingRows, heldOut: HeldOut | null): ContestVerdict {
  const untilMs = Date.parse(champion?.training.until_utc ?? "");
  if (champion === null || heldOut === null || Number.isNaN(untilMs)) {
    return { isPromoted: true, reason: "trained on all labels known now", days: 0, difference: null, standardError: null };
  }
  const unseen = [...heldOut.rows.keys()].filter((at) => training.windowEndMs[heldOut.rows[at]!]! > untilMs);
  const rows = unseen.map((at) => heldOut.rows[at]!);
  const places = champion.feature_names.map((name) => training.features.findIndex((feature) => feature.name === name));
  const logitOf = createScorer(champion);
  const cellOf = (place: number, row: number): number =>
    place < 0 ? Number.NaN : training.design.columns[place * training.design.rows + row]!;
  return decideContest({
    labels: Uint8Array.from(rows, (row) => training.labels[row]!),
    dayIndex: Int32Array.from(rows, (row) => training.dayIndex[row]!),
    challenger: Float64Array.from(unseen, (at) => heldOut.logits[at]!),
    champion: Float64Array.from(rows, (row) => logitOf(places.map((place) => cellOf(place, row)))),
  });
}
