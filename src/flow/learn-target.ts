import { lookBackMs, readDefinition } from "../core/features/definition.ts";
import { type Artifact, createArtifact } from "../core/models/clr/artifact.ts";
import { type ContestVerdict, decideContest } from "../core/models/clr/challenge.ts";
import { type NightErrors, nightErrors, type Spell } from "../core/models/clr/night-errors.ts";
import { selectModel } from "../core/models/clr/select-model.ts";
import type { SelectedModel } from "../core/models/clr/selection.ts";
import { type StageFacts, type StageVerdict, stageOf } from "../core/models/clr/stage.ts";
import { countEpisodes, type DayRules, labelDay, labelledDays } from "../core/pairs/days.ts";
import { createZone } from "../core/time.ts";
import { activeFeatureSet } from "../store/tables/features.ts";
import { readLabels, readPairExclusions, type Target } from "../store/tables/labels.ts";
import { lastModelVersion } from "../store/tables/last-numbers.ts";
import type { FinishedRun } from "../store/tables/models.ts";
import { contestOf, recipeOf, servingArtifact, standingOf } from "./champion.ts";
import { driftOf } from "./drift.ts";
import { alikeSinceMs } from "./drift-watch.ts";
import { gatherEvidence, guardTraining } from "./leakage.ts";
import type { TargetReadiness } from "./readiness.ts";
import { leakageWarnings, reportCard } from "./report-card.ts";
import type { StageContext } from "./stage.ts";
import { hasFiniteClock, readTrainingTable, type TrainingTable } from "./training-table.ts";

/** Rows that the selection looks at, a month of windows; the final fit sees all. Neighbouring windows tell nearly the same, and memory is short. */
const SELECTION_ROWS = 8000;

/** The row of a run as it ends, from what is known of it. */
type Outcome = (status: FinishedRun["status"], run: Partial<FinishedRun> & Pick<FinishedRun, "notes">) => FinishedRun;

export interface Learned {
  readonly run: FinishedRun;
  readonly readiness: TargetReadiness;
}

/** Selects, judges and guards the model of one target. Writes nothing. */
export function learnTarget(context: StageContext, target: Target, trainingAtMs: number, outcome: Outcome): Learned {
  const { reader, options } = context;
  const rules: DayRules = { zone: createZone(options.timeZone), anchorHour: options.anchorHour };
  // What is said or fetched while the training lasts belongs to the next one.
  const { set, table, facts, before, evidence } = reader.snapshot(() => {
    const set = activeFeatureSet(reader);
    const table = set === null ? null : readTrainingTable(reader, target.targetId, set, options.gridMs, rules);
    const facts = factsOf(context, target, table, rules, trainingAtMs);
    const before = judge(context, facts);
    const isLearnable = set !== null && table !== null && before.stage !== "none";
    return { set, table, facts, before, evidence: isLearnable ? gatherEvidence(context, { set, table, trainingAtMs, rules }) : null };
  });
  if (set === null || table === null || evidence === null) {
    const notes = set === null ? "no features yet" : before.missing.join("; ");
    const run = outcome("skipped", { notes, rowCount: table?.pairs.rows ?? 0, dayCount: facts.labelledDays });
    return { run, readiness: readinessOf(context, facts, before) };
  }

  const horizonMs = lookBackMs(set.members.map((member) => readDefinition(member.name, member.definition))).longestHorizonMs;
  const onProgress = (done: number, steps: number): void => context.onProgress?.(done / (steps + 1));
  const selection = { horizonMs, gridMs: options.gridMs, maxRows: SELECTION_ROWS, shouldStop: context.isCancelled, onProgress };
  const champion = servingArtifact(reader, target.targetId);
  const incumbent = recipeOf(champion);
  const scope = before.stage === "clock" ? "clock" : "all";
  const selected = selectModel(table.training, { ...selection, scope, ...(incumbent && { incumbent }) });
  const common = { rowCount: table.pairs.rows, dayCount: facts.labelledDays, setId: set.setId, modelType: "clr" };
  if (selected.status === "skipped") {
    return { run: outcome("skipped", { ...common, notes: selected.reasons.join("; ") }), readiness: readinessOf(context, facts, before) };
  }
  const judged = { ...facts, ...provenBy(selected, table), isTrusted: champion?.stage === "eligible" };
  const verdict = judge(context, judged);
  const folds = [...selected.report.folds, ...selected.report.cuts];
  const guard = guardTraining(context, { set, table, trainingAtMs, folds, horizonMs, rules }, evidence);
  const contest = judgeChallenger(context, champion, { table, selected, horizonMs }, judged, verdict);
  const report = {
    ...reportCard(selected, verdict, guard, nightsOf(context, target, selected, table, rules)),
    contest: { against: champion?.model_version ?? null, ...contest },
    exclusions: readPairExclusions(reader, target.targetId),
  };
  if (!guard.ok) {
    const notes = `refused, because the training data may hold what was not known: ${guard.reason} (${guard.detail})`;
    return { run: outcome("refused", { ...common, notes, report }), readiness: readinessOf(context, facts, verdict) };
  }
  const artifact = createArtifact(selected, {
    target: target.name,
    modelVersion: String(lastModelVersion(reader, target.targetId) + 1),
    featureSetVersion: set.version,
    stage: verdict.stage,
    rows: table.pairs.rows,
    positives: table.pairs.positives,
    said: table.said,
    trainedUntilMs: table.training.windowEndMs.reduce((latest, endMs) => Math.max(latest, endMs), 0),
  });
  const run = outcome("completed", {
    ...common,
    stage: verdict.stage,
    notes: [
      ...(contest.isPromoted ? [] : [`not promoted: ${contest.reason}`]),
      ...leakageWarnings(guard),
      ...verdict.missing,
      ...verdict.lowered,
      ...selected.report.notes,
    ].join("; "),
    report: {
      ...report,
      drift: driftOf(context, { targetId: target.targetId, model: artifact, set, sinceMs: alikeSinceMs(context, target) }),
    },
    artifact: {
      targetId: target.targetId,
      stage: verdict.stage,
      artifactJson: JSON.stringify(artifact),
      checksum: artifact.checksum,
      promoted: contest.isPromoted,
      reason: contest.reason,
    },
  });
  return { run, readiness: readinessOf(context, facts, verdict) };
}

/** Labels of days of which nothing was recorded teach nothing: nights from before the app was there open no gate. */
function factsOf(
  { reader }: StageContext,
  { targetId }: Target,
  table: TrainingTable | null,
  rules: DayRules,
  trainingAtMs: number,
): StageFacts {
  // Yesterday and today may still be paired.
  const pairedBefore = rules.zone.dayAt(trainingAtMs, rules.anchorHour) - 1;
  const isSeen = (day: number): boolean => table === null || day >= pairedBefore || table.days.has(day);
  const labels = readLabels(reader, targetId).filter((label) => label.status === "active" && isSeen(labelDay(label, rules)));
  const { rows, positives } = table?.pairs ?? { rows: 0, positives: 0 };
  return {
    positiveRows: positives,
    negativeRows: rows - positives,
    labelledDays: labelledDays(labels, rules).length,
    episodes: countEpisodes(labels),
    isFinite: table === null || hasFiniteClock(table.training),
    calibrationSlope: null,
    calibrationSlopeStandardError: null,
    skillVsClock: null,
  };
}

function judge({ options }: StageContext, facts: StageFacts): StageVerdict {
  const { rowsPerClass, previewDays, eligibleDays, eligibleEpisodes } = options.gates;
  return stageOf(facts, { minRowsPerClass: rowsPerClass, previewDays, eligibleDays, minEpisodes: eligibleEpisodes });
}

function provenBy({ figures, heldOut }: SelectedModel, { training }: TrainingTable): Partial<StageFacts> {
  return {
    isJudgedOnBoth: heldOut === null || new Set(heldOut.rows.map((row) => training.labels[row]!)).size === 2,
    calibrationSlope: figures?.assessment.slope ?? null,
    calibrationSlopeStandardError: figures?.assessment.slopeStandardError ?? null,
    skillVsClock: figures?.skillVsClock ?? null,
    skillStandardError: figures?.skillStandardError ?? null,
  };
}

/** How start and end of what was said were found on the held-out days. */
function nightsOf(
  { reader, options }: StageContext,
  { targetId }: Target,
  { heldOut }: SelectedModel,
  { training }: TrainingTable,
  rules: DayRules,
): NightErrors | null {
  if (heldOut === null) return null;
  const days = new Set(heldOut.rows.map((row) => training.dayIndex[row]!));
  const truth = readLabels(reader, targetId).filter(
    (label) => label.status === "active" && label.kind === "positive" && days.has(labelDay(label, rules)),
  );
  const windowEndMs = Float64Array.from(heldOut.rows, (row) => training.windowEndMs[row]!);
  // A night of which less than half was seen asks nothing of a model.
  const isAsked = ({ startMs, endMs }: Spell): boolean =>
    2 * options.gridMs * windowEndMs.reduce((seen, atMs) => seen + Number(atMs > startMs && atMs <= endMs), 0) >= endMs - startMs;
  return nightErrors(truth.filter(isAsked), { windowEndMs, logits: heldOut.logits, gridMs: options.gridMs });
}

interface Contested {
  readonly table: TrainingTable;
  readonly selected: SelectedModel;
  readonly horizonMs: number;
}

/** Whether the new model takes the serving one's place. */
function judgeChallenger(
  context: StageContext,
  champion: Artifact | null,
  { table, selected, horizonMs }: Contested,
  facts: StageFacts,
  verdict: StageVerdict,
): ContestVerdict {
  if (champion === null) {
    return { isPromoted: true, reason: "trained on all labels known now", days: 0, difference: null, standardError: null };
  }
  const contest = contestOf(champion, table, selected, { horizonMs, gridMs: context.options.gridMs, shouldStop: context.isCancelled });
  const standing = standingOf(champion, verdict, contest, (proven) => judge(context, { ...facts, ...proven }));
  return decideContest(contest, standing);
}

function readinessOf({ options }: StageContext, facts: StageFacts, verdict: StageVerdict): TargetReadiness {
  const { rowsPerClass, eligibleDays, eligibleEpisodes } = options.gates;
  const gate = (name: string, have: number, need: number) => ({ gate: name, have, need, met: have >= need });
  return {
    stage: verdict.stage === "none" ? null : verdict.stage,
    missing: verdict.missing,
    gates: [
      gate("labelled_days", facts.labelledDays, eligibleDays),
      gate("episodes", facts.episodes, eligibleEpisodes),
      gate("positive_rows", facts.positiveRows, rowsPerClass),
      gate("negative_rows", facts.negativeRows, rowsPerClass),
    ],
  };
}
