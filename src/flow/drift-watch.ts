import { z } from "zod";
import { DAY_MS, isoMs } from "../core/time.ts";
import { readFeatureSet } from "../store/tables/features.ts";
import { readTargets, type Target } from "../store/tables/labels.ts";
import { getHealth } from "../store/tables/metadata.ts";
import { readChampions } from "../store/tables/models.ts";
import { servingArtifact } from "./champion.ts";
import { driftOf, driftWords } from "./drift.ts";
import { noteReadiness, readReadiness, type TargetReadiness } from "./readiness.ts";
import type { StageContext } from "./stage.ts";

/** What is remembered of a target's drift. */
const memorySchema = z.object({
  checked_at_utc: z.iso.datetime(),
  /** How it is now, in words. */
  words: z.string(),
  /** A drift that no training has answered yet. */
  pending: z.string().nullable(),
  /** The newest drift that was found; what lies before is not compared with any more. */
  found_at_utc: z.iso.datetime().nullable(),
  found: z.string().nullable(),
});
type DriftMemory = z.infer<typeof memorySchema>;

/** Until the days after a drift can be compared with each other. */
const SHOWN_MS = 21 * DAY_MS;

const keyOf = ({ targetId }: Pick<Target, "targetId">): string => `drift.${targetId}`;

export function readDriftMemory({ reader }: Pick<StageContext, "reader">, target: Pick<Target, "targetId">): DriftMemory | null {
  const text = getHealth(reader)[keyOf(target)];
  return text === undefined ? null : memorySchema.parse(JSON.parse(text));
}

/** Since when the days are alike, as far as is known: when the newest drift was found, once a training has answered it. */
export function alikeSinceMs(context: Pick<StageContext, "reader">, target: Pick<Target, "targetId">): number {
  const memory = readDriftMemory(context, target);
  return memory?.found_at_utc == null || memory.pending !== null ? 0 : Date.parse(memory.found_at_utc);
}

/** The drift has been answered with a training. */
export async function settleDrift(context: StageContext, target: Pick<Target, "targetId">): Promise<void> {
  const memory = readDriftMemory(context, target);
  if (memory?.pending == null) return;
  await context.writer.write("setHealth", { [keyOf(target)]: JSON.stringify({ ...memory, pending: null }) });
}

/** The readiness of a target with its drift, while that is of interest. */
export function withDrift({ reader, clock }: StageContext, target: Pick<Target, "targetId">, readiness: TargetReadiness): TargetReadiness {
  const { drift: _, ...rest } = readiness;
  const memory = readDriftMemory({ reader }, target);
  if (memory?.found == null || clock.nowMs() - Date.parse(memory.found_at_utc ?? "") > SHOWN_MS) return rest;
  const answer = memory.pending === null ? "it was trained again for that" : "a training for that is due";
  return { ...rest, drift: `drift found ${memory.found_at_utc?.slice(0, 10)}: ${memory.found}; ${answer}` };
}

/** Compares the newest week of each target with the weeks before, in the eyes of the model that serves it. Names those that are to be trained for it. */
export async function watchDrift(context: StageContext): Promise<{ readonly drifted: readonly string[] }> {
  const drifted: string[] = [];
  for (const target of readTargets(context.reader)) {
    if (target.retiredAtMs !== null) continue;
    const memory = lookAgain(context, target);
    if (memory === null) continue;
    await context.writer.write("setHealth", { [keyOf(target)]: JSON.stringify(memory) });
    const readiness = readReadiness(context)[target.name];
    if (readiness !== undefined) await noteReadiness(context, target.name, withDrift(context, target, readiness));
    if (memory.pending !== null) drifted.push(target.name);
  }
  return { drifted };
}

function lookAgain(context: StageContext, target: Target): DriftMemory | null {
  const { reader, clock } = context;
  const model = servingArtifact(reader, target.targetId);
  const champion = readChampions(reader).find(({ targetId }) => targetId === target.targetId);
  const set = champion === undefined ? null : readFeatureSet(reader, champion.setId);
  if (model === null || set === null) return null;
  const before = readDriftMemory(context, target);
  const summary = driftOf(context, { targetId: target.targetId, model, set, sinceMs: alikeSinceMs(context, target) });
  const now = isoMs(clock.nowMs());
  const kept = {
    checked_at_utc: now,
    pending: before?.pending ?? null,
    found_at_utc: before?.found_at_utc ?? null,
    found: before?.found ?? null,
  };
  if (summary === null) return { ...kept, words: "too few days to compare the newest week with" };
  const words = driftWords(summary);
  return summary.isSerious ? { checked_at_utc: now, words, pending: words, found_at_utc: now, found: words } : { ...kept, words };
}
