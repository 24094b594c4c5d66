import { computeWindows } from "../core/features/compute.ts";
import { lookBackMs, readDefinition } from "../core/features/definition.ts";
import { encodeValues } from "../core/features/encode.ts";
import type { StoredLabel } from "../core/labels/label.ts";
import type { DayRules } from "../core/pairs/days.ts";
import { labelDay, windowDays } from "../core/pairs/days.ts";
import { type FoldDays, guardAgainstLeakage, type LeakageAnswer, type PairedRow } from "../core/pairs/leakage.ts";
import { type PermutationAnswer, permutedGain } from "../core/pairs/permutation.ts";
import { telltaleRows } from "../core/pairs/sample.ts";
import { createSpanSweep } from "../core/pairs/sweep.ts";
import { readEntities } from "../store/tables/entities.ts";
import { firstEventMs } from "../store/tables/events.ts";
import type { FeatureSet } from "../store/tables/features.ts";
import { readGaps } from "../store/tables/gaps.ts";
import { readHelperNames, readLabels, readTargets, type TrainingRow } from "../store/tables/labels.ts";
import { metadataInstantMs } from "../store/tables/metadata.ts";
import { readStaleWindows } from "../store/tables/stale.ts";
import { entitiesRead } from "./feature-choice.ts";
import type { StageContext } from "./stage.ts";
import { readTimelines, type Timelines } from "./timelines.ts";
import type { TrainingTable } from "./training-table.ts";

/** Runs of windows derived again at each training: a systematic fault shows in any of them. */
const MOST_RUNS = 16;

export interface TrainedRows {
  readonly set: FeatureSet;
  readonly table: TrainingTable;
  readonly trainingAtMs: number;
  readonly rules: DayRules;
}

export interface GuardQuestion extends TrainedRows {
  /** The folds of the selection by the days that its rows bear. */
  readonly folds: readonly FoldDays[];
  readonly horizonMs: number;
}

/** What speaks for and against the rows, waiting for the folds that are made of them. */
export type Evidence = (folds: readonly FoldDays[]) => LeakageAnswer;

/** By structure, which refuses a model; by statistics, which warns. */
export type GuardAnswer = LeakageAnswer & { readonly permuted: PermutationAnswer };

/** Asks of a training whether its rows hold only what was known (learning, section 3). */
export function guardTraining(context: StageContext, question: GuardQuestion, evidence = gatherEvidence(context, question)): GuardAnswer {
  const { table, horizonMs, rules } = question;
  const answer = evidence(question.folds);
  const permutation = { rules, horizonMs, gridMs: context.options.gridMs, shouldStop: context.isCancelled };
  const permuted: PermutationAnswer = answer.ok
    ? permutedGain(table.training, permutation)
    : { status: "skipped", reason: "the model is refused already" };
  return { ...answer, permuted };
}

/** Every row's times, days and inputs, and the values of a sample. */
export function guardStructure(context: StageContext, question: GuardQuestion): LeakageAnswer {
  return gatherEvidence(context, question)(question.folds);
}

/**
 * Reads all that the guard asks of the file. Call it on the very state of the file that the rows were read from: a training takes minutes,
 * and what is said or fetched meanwhile would look like a leak.
 */
export function gatherEvidence(context: StageContext, { set, table, trainingAtMs, rules }: TrainedRows): Evidence {
  const { reader, options } = context;
  const { stored, training } = table;
  const targets = readTargets(reader);
  const labels = new Map(targets.flatMap((target) => readLabels(reader, target.targetId)).map((label) => [label.id, label]));
  const windowNos = stored.map((row) => row.windowNo);
  const days = windowDays(windowNos, options.gridMs, rules);
  // The days that the clock tells, whatever the rows say of themselves.
  const trueDays = (claimed: Iterable<number>): Set<number> => {
    const set = new Set(claimed);
    return new Set(days.filter((_, i) => set.has(training.dayIndex[i]!)));
  };
  const stale = createSpanSweep(readStaleWindows(reader).map(({ fromNo, toNo }) => ({ startMs: fromNo, endMs: toNo + 1 })));
  const settled = [...stored.keys()].filter((i) => {
    const { setId, windowNo } = stored[i]!;
    return stale.relation(windowNo, windowNo + 1) === "outside" && setId === set.setId;
  });
  const derive = deriver(context, set, trainingAtMs);
  const derivable = settled.filter((i) => derive.reaches(windowNos[i]!));
  const { columns, rows } = training.design;
  const sample = telltaleRows(
    Float64Array.from(derivable, (i) => windowNos[i]!),
    training.design.cols,
    (feature) => Float64Array.from(derivable, (i) => columns[feature * rows + i]!),
    MOST_RUNS,
  ).map((at) => derivable[at]!);
  const derived = new Map(sample.map((i) => [windowNos[i]!, derive.window(windowNos[i]!)]));
  const cellsOf = (i: number): (number | null)[] =>
    Array.from({ length: training.design.cols }, (_, j) => {
      const cell = columns[j * rows + i]!;
      return Number.isNaN(cell) ? null : cell;
    });
  const question = {
    features: set.members.map((member) => ({ name: member.name, entityIds: readDefinition(member.name, member.definition).entities })),
    rows: stored.map((row) => ({
      windowNo: row.windowNo,
      availableAtMs: row.availableAtMs,
      ...saidOf(row, labels.get(row.labelId), rules),
    })),
    // The very cells that the model is trained on.
    sample: sample.map((i) => ({ windowNo: windowNos[i]!, values: cellsOf(i) })),
    undecidedRows: stored.length - derivable.length,
    gridMs: options.gridMs,
    trainingAtMs,
    labelHelperIds: new Set(readHelperNames(reader)),
    derive: (windowNo: number) => derived.get(windowNo) ?? null,
  };
  return (folds) =>
    guardAgainstLeakage({
      ...question,
      folds: folds.map(({ trainDays, testDays }) => ({ trainDays: trueDays(trainDays), testDays: trueDays(testDays) })),
    });
}

/** Until when and since when its label speaks of a row: after the label's end only "no", only of the same day, and only once that is over. */
function saidOf(
  { target, saidUntilMs }: TrainingRow,
  label: StoredLabel | undefined,
  rules: DayRules,
): Pick<PairedRow, "labelEndMs" | "labelCapturedAtMs"> {
  if (label === undefined) return { labelEndMs: Number.NEGATIVE_INFINITY, labelCapturedAtMs: Number.POSITIVE_INFINITY };
  const { endMs, capturedAtMs } = label;
  if (saidUntilMs === null || target === 1) return { labelEndMs: endMs, labelCapturedAtMs: capturedAtMs };
  const dayEndMs = rules.zone.dayStartMs(labelDay(label, rules) + 1, rules.anchorHour);
  return { labelEndMs: Math.min(saidUntilMs, dayEndMs), labelCapturedAtMs: Math.max(capturedAtMs, dayEndMs) };
}

interface Deriver {
  /** Whether all events that the window looks back at are still stored. */
  reaches(windowNo: number): boolean;
  window(windowNo: number): readonly (number | null)[] | null;
}

/** Computes windows one by one from nothing but the stored events before their end that were known by then. */
function deriver({ reader, options }: StageContext, set: FeatureSet, knownUntilMs: number): Deriver {
  const definitions = set.members.map((member) => readDefinition(member.name, member.definition));
  const entities = entitiesRead(readEntities(reader), definitions);
  const reach = lookBackMs(definitions);
  const dataBeganMs = metadataInstantMs(reader, "data_began_at") ?? 0;
  // The newest event of a quiet entity stays however old it is: behind what is kept it says nothing of the others.
  const storedFromMs = Math.max(firstEventMs(reader) ?? Number.POSITIVE_INFINITY, metadataInstantMs(reader, "raw_kept_from") ?? 0);
  const fromOf = (windowNo: number): number => windowNo * options.gridMs - reach.reachMs - reach.holdLastMs - options.gridMs;
  const reaches = (windowNo: number): boolean => storedFromMs <= Math.max(fromOf(windowNo), dataBeganMs + 1);
  let timelines: Timelines | null = null;
  let readTo = 0;
  return {
    reaches,
    window(windowNo) {
      if (!reaches(windowNo)) return null;
      const endMs = windowNo * options.gridMs;
      const fromMs = fromOf(windowNo);
      // Windows asked for in order share what was read, which never holds anything behind the end of the one that is computed.
      if (timelines === null || readTo < fromMs || readTo > endMs) timelines = readTimelines(reader, entities, fromMs, knownUntilMs);
      timelines.advance(endMs);
      readTo = endMs;
      const { values } = computeWindows({
        definitions,
        timelines: timelines.byEntity(),
        fromNo: windowNo,
        toNo: windowNo,
        gridMs: options.gridMs,
        knownFromMs: dataBeganMs,
        gaps: readGaps(reader, ["open", "partly", "lost"], fromMs, endMs),
      });
      return JSON.parse(encodeValues(values.map((column) => column[0]!))) as (number | null)[];
    },
  };
}
