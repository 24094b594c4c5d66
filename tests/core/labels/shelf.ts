import type { PastLabel, StoredLabel } from "../../../src/core/labels/label.ts";
import { mergeLabels, type Saying } from "../../../src/core/labels/merge.ts";

/** What the tables `labels` and `label_history` hold of one target. */
export interface Shelf {
  readonly current: readonly StoredLabel[];
  readonly past: readonly PastLabel[];
}

let lastId = 0;

/** Writes a merge as the tables would, their unique constraint included. */
export function applyMerge(shelf: Shelf, saying: Saying, nowMs: number): Shelf {
  const { replaced, added } = mergeLabels(shelf, saying);
  const gone = new Set(replaced.map(({ label }) => label.id));
  const current = shelf.current.filter(({ id }) => !gone.has(id));
  const past = replaced
    .filter(({ label }) => label.status === "active")
    .map(({ label, reason }): PastLabel => ({ ...label, replacedAtMs: nowMs, replacedBy: reason }));
  const keys = new Set(current.map(({ startMs, endMs, source }) => `${startMs} ${endMs} ${source}`));
  for (const { startMs, endMs, source } of added) {
    const key = `${startMs} ${endMs} ${source}`;
    if (keys.has(key)) throw new Error(`UNIQUE constraint failed: ${key}`);
    keys.add(key);
  }
  return { current: [...current, ...added.map((label) => ({ ...label, id: ++lastId }))], past: [...shelf.past, ...past] };
}

/** Takes a label away as a person does. */
export function removeByHand(shelf: Shelf, isMeant: (label: StoredLabel) => boolean, nowMs: number): Shelf {
  const removed = shelf.current
    .filter(isMeant)
    .map((label): PastLabel => ({ ...label, replacedAtMs: nowMs, replacedBy: "removed by hand" }));
  return { current: shelf.current.filter((label) => !isMeant(label)), past: [...shelf.past, ...removed] };
}
