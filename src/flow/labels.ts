import { EXCLUDED_SOURCE, HELPER_SOURCE, type Label } from "../core/labels/label.ts";
import { mergeLabels, type Saying, sayLabels } from "../core/labels/merge.ts";
import { createSaidOrder } from "../core/labels/said-order.ts";
import type { Db } from "../store/db.ts";
import { type LabelChanges, readLabelHistory, readLabels, readTargets, type Target } from "../store/tables/labels.ts";
import type { Writer } from "../store/writer.ts";
import { helperEar, tellStories } from "./helper-stories.ts";
import type { StageContext } from "./stage.ts";

/** Labels of one transaction. */
const LABELS_PER_WRITE = 500;

export interface LabelsResult {
  readonly added: number;
  readonly replaced: number;
  /** When somebody is still setting values: look again then. */
  readonly settlesAtMs: number | null;
}

/** Reads what every target's helpers say and brings the stored labels to it. Running it again over the same facts changes nothing. */
export async function captureLabels(context: StageContext): Promise<LabelsResult> {
  const { reader, writer, clock } = context;
  const nowMs = clock.nowMs();
  const result = { added: 0, replaced: 0, settlesAtMs: null as number | null };
  const hear = await helperEar(context, nowMs);
  for (const target of readTargets(reader)) {
    // A helper that is not named any more leaves nothing open.
    const open = new Map<string, number | null>([HELPER_SOURCE, EXCLUDED_SOURCE].map((source) => [source, null]));
    const stories = target.retiredAtMs === null ? tellStories(target, hear, context.options, nowMs) : [];
    for (const story of stories) {
      const changes = await say({ reader, writer, nowMs }, target, story);
      result.added += changes.added;
      result.replaced += changes.replaced;
      if (story.settlesAtMs !== null) result.settlesAtMs = Math.min(story.settlesAtMs, result.settlesAtMs ?? Number.POSITIVE_INFINITY);
      if (story.open !== null) open.set(story.source, story.open.startMs ?? story.open.sinceMs);
    }
    for (const [source, sinceMs] of open) await writer.write("noteOpenLabel", { targetName: target.name, source, sinceMs });
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

/** Puts one label in the place of another, whether they overlap or not; both or neither. @throws RangeError when there is no such label. */
export async function correctLabel(
  { reader, writer, nowMs }: Telling,
  targetName: string,
  id: number,
  label: Label,
): Promise<{ added: number; replaced: number }> {
  const { targetId } = targetNamed(reader, targetName);
  const stored = readLabels(reader, targetId);
  const old = stored.find((each) => each.id === id);
  if (old === undefined)
    throw new RangeError(`there is no label ${id} of ${targetName} any more; somebody may have corrected it meanwhile`);
  const past = readLabelHistory(reader, targetId);
  const capturedAtMs = Math.max(createSaidOrder({ current: stored, past }).countsFrom(label, nowMs), old.capturedAtMs + 1);
  // Taken away just before the new one is said: what was removed holds against all that was said up to then.
  const gone = { replacedAtMs: capturedAtMs - 1, replacedBy: "corrected by hand" as const };
  const told = { current: stored.filter((each) => each !== old), past: [...past, { ...old, ...gone }] };
  const merge = mergeLabels(told, sayLabels([{ ...label, capturedAtMs }]));
  if (merge.added.length === 0)
    throw new RangeError("nothing of it would stand: other labels lie over all of this span; correct or remove those, or remove this one");
  const replaced = [
    { id, replacedBy: gone.replacedBy, atMs: gone.replacedAtMs },
    ...merge.replaced.map((each) => ({ id: each.label.id, replacedBy: each.reason })),
  ];
  return writer.write("applyLabels", { targetId, added: merge.added, replaced, nowMs });
}

/** @throws RangeError when there is no such target, or none at all yet. */
export function targetNamed(reader: Db, name: string): Target {
  const targets = readTargets(reader);
  const target = targets.find((each) => each.name === name);
  if (targets.length === 0)
    throw new RangeError("This database has not met its home yet. Start the app once, so that it learns the targets.");
  if (target === undefined) throw new RangeError(`there is no target ${name}; targets are ${targets.map((each) => each.name).join(", ")}`);
  return target;
}

async function say({ reader, writer, nowMs }: Telling, { targetId }: Target, saying: Saying): Promise<{ added: number; replaced: number }> {
  const merge = mergeLabels({ current: readLabels(reader, targetId), past: readLabelHistory(reader, targetId) }, saying);
  const replaced = merge.replaced.map(({ label, reason }) => ({ id: label.id, replacedBy: reason }));
  const { added } = merge;
  // What one correction changes is seen whole; a large import is many short transactions, what gives way first.
  if (added.length + replaced.length <= LABELS_PER_WRITE) return writer.write("applyLabels", { targetId, added, replaced, nowMs });
  const result = { added: 0, replaced: 0 };
  const write = async (part: Pick<LabelChanges, "added" | "replaced">): Promise<void> => {
    const changes = await writer.write("applyLabels", { targetId, nowMs, ...part });
    result.added += changes.added;
    result.replaced += changes.replaced;
  };
  for (let i = 0; i < replaced.length; i += LABELS_PER_WRITE) await write({ added: [], replaced: replaced.slice(i, i + LABELS_PER_WRITE) });
  for (let i = 0; i < added.length; i += LABELS_PER_WRITE) await write({ added: added.slice(i, i + LABELS_PER_WRITE), replaced: [] });
  return result;
}
