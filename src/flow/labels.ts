import { HELPER_QUIET_MS, pairHelpers } from "../core/labels/helper-pair.ts";
import type { Label } from "../core/labels/label.ts";
import { mergeLabels, type Saying, sayLabels } from "../core/labels/merge.ts";
import { createZone, HOUR_MS } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { readHelperChanges } from "../store/tables/events.ts";
import { readLabelHistory, readLabels, readTargets, type Target } from "../store/tables/labels.ts";
import type { Writer } from "../store/writer.ts";
import type { StageContext } from "./stage.ts";

export interface LabelsResult {
  readonly added: number;
  readonly replaced: number;
  /** When somebody is still setting values: look again then. */
  readonly settlesAtMs: number | null;
}

/** Reads what every pair of helpers says and brings the stored labels to it. Running it again over the same facts changes nothing. */
export async function captureLabels(context: StageContext): Promise<LabelsResult> {
  const { reader, writer, clock, options } = context;
  const nowMs = clock.nowMs();
  const zone = createZone(options.timeZone);
  const result = { added: 0, replaced: 0, settlesAtMs: null as number | null };
  for (const target of readTargets(reader)) {
    const { startEntity, endEntity } = target;
    if (startEntity === null || endEntity === null) continue;
    const states = readHelperChanges(reader, [startEntity, endEntity]).map((change) => ({
      role: change.entityId === startEntity ? ("start" as const) : ("end" as const),
      state: change.state,
      changedAtMs: change.changedAtMs,
      isAnchor: change.source === "anchor",
      saidBy: change.saidBy,
    }));
    const rules = { zone, source: "helper", quietMs: HELPER_QUIET_MS, longestMs: options.maxLabelHours * HOUR_MS };
    const story = pairHelpers(states, rules, nowMs);
    const changes = await say({ reader, writer, nowMs }, target, story);
    result.added += changes.added;
    result.replaced += changes.replaced;
    if (story.settlesAtMs !== null) result.settlesAtMs = Math.min(story.settlesAtMs, result.settlesAtMs ?? Number.POSITIVE_INFINITY);
    await writer.write("noteOpenLabel", { targetName: target.name, sinceMs: story.open?.sinceMs ?? null });
  }
  return result;
}

export interface Telling {
  readonly reader: Db;
  readonly writer: Writer;
  readonly nowMs: number;
}

/** Adds labels said by hand or by a recording; they take the place of those they overlap. @throws RangeError when there is no such target. */
export async function tellLabels(
  telling: Telling,
  targetName: string,
  labels: readonly Label[],
): Promise<{ added: number; replaced: number }> {
  return say(telling, targetNamed(telling.reader, targetName), sayLabels(labels));
}

/** Takes one label away; it stays in the history. */
export async function removeLabel(telling: Telling, targetName: string, id: number): Promise<number> {
  const { targetId } = targetNamed(telling.reader, targetName);
  const changes = { targetId, added: [], replaced: [{ id, replacedBy: "removed by hand" as const }], nowMs: telling.nowMs };
  return (await telling.writer.write("applyLabels", changes)).replaced;
}

export function targetNamed(reader: Db, name: string): Target {
  const targets = readTargets(reader);
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new RangeError(`there is no target ${name}; targets are ${targets.map((each) => each.name).join(", ")}`);
  return target;
}

async function say({ reader, writer, nowMs }: Telling, { targetId }: Target, saying: Saying): Promise<{ added: number; replaced: number }> {
  const merge = mergeLabels({ current: readLabels(reader, targetId), past: readLabelHistory(reader, targetId) }, saying);
  if (merge.added.length === 0 && merge.replaced.length === 0) return { added: 0, replaced: 0 };
  const replaced = merge.replaced.map(({ label, reason }) => ({ id: label.id, replacedBy: reason }));
  return writer.write("applyLabels", { targetId, added: merge.added, replaced, nowMs });
}
