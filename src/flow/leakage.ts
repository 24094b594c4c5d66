import { computeWindows } from "../core/features/compute.ts";
import { lookBackMs, readDefinition } from "../core/features/definition.ts";
import { encodeValues } from "../core/features/encode.ts";
import { valueKindOf } from "../core/features/role.ts";
import type { DayRules } from "../core/pairs/days.ts";
import { windowDays } from "../core/pairs/days.ts";
import { evenSample, guardAgainstLeakage, type LeakageAnswer, type SampledRow } from "../core/pairs/leakage.ts";
import { trainableWindows } from "../core/pairs/purge.ts";
import { readEntities } from "../store/tables/entities.ts";
import { firstEventMs } from "../store/tables/events.ts";
import { type FeatureSet, readStaleWindows } from "../store/tables/features.ts";
import { readGaps } from "../store/tables/gaps.ts";
import { readLabels, readTargets, type TrainingRow } from "../store/tables/labels.ts";
import { metadataInstantMs } from "../store/tables/metadata.ts";
import type { StageContext } from "./stage.ts";
import { readTimelines } from "./timelines.ts";
import type { TrainingTable } from "./training-table.ts";

/** Rows derived again at each training: a systematic fault shows in any of them. */
const SAMPLE = 12;

export interface GuardQuestion {
  readonly set: FeatureSet;
  readonly table: TrainingTable;
  readonly trainingAtMs: number;
  /** The days of one fold. */
  readonly testDays: readonly number[];
  readonly horizonMs: number;
  readonly rules: DayRules;
}

/** Asks of a training, by structure, whether its rows hold only what was known (learning, section 3). */
export function guardTraining(context: StageContext, question: GuardQuestion): LeakageAnswer {
  const { reader, options } = context;
  const { set, table, trainingAtMs, testDays, horizonMs, rules } = question;
  const stale = readStaleWindows(reader);
  const settled = table.stored.filter(
    (row) => row.setId === set.setId && !stale.some((range) => row.windowNo >= range.fromNo && row.windowNo <= range.toNo),
  );
  const sample = evenSample(settled.length, SAMPLE).map((index) => settled[index]!);
  const labels = new Map(
    readTargets(reader)
      .flatMap((target) => readLabels(reader, target.targetId))
      .map((label) => [label.id, label]),
  );
  const rows = sample.map((row): SampledRow => {
    const label = labels.get(row.labelId);
    return {
      windowNo: row.windowNo,
      values: JSON.parse(row.valuesJson) as (number | null)[],
      availableAtMs: row.availableAtMs,
      labelEndMs: label?.endMs ?? Number.NEGATIVE_INFINITY,
      labelCapturedAtMs: label?.capturedAtMs ?? Number.POSITIVE_INFINITY,
    };
  });
  const windowNos = table.stored.map((row: TrainingRow) => row.windowNo);
  const mask = trainableWindows(windowNos, testDays, { ...rules, gridMs: options.gridMs, longestHorizonMs: horizonMs });
  const days = windowDays(windowNos, options.gridMs, rules);
  return guardAgainstLeakage({
    features: set.members.map((member) => ({ name: member.name, entityIds: readDefinition(member.name, member.definition).entities })),
    rows,
    gridMs: options.gridMs,
    trainingAtMs,
    labelHelperIds: new Set(
      readTargets(reader).flatMap(({ startEntity, endEntity }) => [startEntity, endEntity].filter((helper) => helper !== null)),
    ),
    trainDays: days.filter((_, index) => mask[index] === 1),
    testDays,
    derive: deriver(context, set),
  });
}

/** Computes one window from nothing but the stored events before its end; null where these are no longer all there. */
function deriver({ reader, options }: StageContext, set: FeatureSet): (windowNo: number) => readonly (number | null)[] | null {
  const definitions = set.members.map((member) => readDefinition(member.name, member.definition));
  const read = new Set(definitions.flatMap((definition) => definition.entities));
  const entities = readEntities(reader).flatMap((entity) => {
    const kind = read.has(entity.entityId) ? valueKindOf(entity) : null;
    return kind === null ? [] : [{ id: entity.id, entityId: entity.entityId, kind }];
  });
  const reach = lookBackMs(definitions);
  const dataBeganMs = metadataInstantMs(reader, "data_began_at") ?? 0;
  const storedFromMs = firstEventMs(reader) ?? Number.POSITIVE_INFINITY;
  return (windowNo) => {
    const endMs = windowNo * options.gridMs;
    const fromMs = endMs - reach.reachMs - reach.holdLastMs - options.gridMs;
    if (storedFromMs > Math.max(fromMs, dataBeganMs + 1)) return null;
    const timelines = readTimelines(reader, entities, fromMs);
    timelines.advance(endMs);
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
  };
}
