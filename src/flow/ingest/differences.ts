import { attributeOf, baseOf } from "../../core/events/entity.ts";
import { MINUTE_MS } from "../../core/time.ts";
import type { Span } from "./fetcher.ts";
import type { Gap, StateChange } from "./ports.ts";

/** Rows may be stored a little out of order, so each fetch begins before the newest one. */
export const OVERLAP_MS = 5_000;

export interface Difference {
  readonly entityId: string;
  readonly fromMs: number;
}

export interface Compared {
  /** Stored entities whose state changed since, and stored ones that are gone: what to fetch, from where on. */
  readonly differences: readonly Difference[];
  /** Newest states that are not stored. Each is a true row: its state began at `changedUs`, whatever its attributes did later. */
  readonly unstored: readonly StateChange[];
}

/**
 * Compares the home's states with the newest stored row of each entity. `changedUs` decides, not `updatedUs`: changes of attributes alone are
 * never stored and would differ for ever.
 * @param newest as it was before this connection's live rows, which would hide what lies between
 * @param gap the span in which nobody listened; null at the first start, whose past is the back-fill's
 */
export function compare(states: readonly StateChange[], newest: ReadonlyMap<string, number>, gap: Gap | null): Compared {
  const differences: Difference[] = [];
  const unstored: StateChange[] = [];
  const present = new Set<string>();
  for (const state of states) {
    present.add(state.entityId);
    const storedUs = newest.get(state.entityId);
    if (storedUs !== undefined && state.changedUs <= storedUs) continue;
    const isAttribute = attributeOf(state.entityId) !== null;
    // Its instant is its entity's last update, which says nothing of the value: only those of the gap may have brought another.
    if (isAttribute && storedUs !== undefined && (gap === null || state.changedUs < gap.fromMs * 1000)) continue;
    unstored.push(state);
    const fromMs = storedUs === undefined || isAttribute ? gap?.fromMs : storedUs / 1000;
    if (fromMs !== undefined) differences.push({ entityId: state.entityId, fromMs: fromMs - OVERLAP_MS });
  }
  if (gap !== null) {
    for (const entityId of newest.keys()) {
      // Before the gap we listened, so an entity that is gone changed after it began or not at all.
      if (!present.has(entityId) && canBeAskedFor(entityId)) differences.push({ entityId, fromMs: gap.fromMs - OVERLAP_MS });
    }
  }
  return { differences, unstored };
}

/** Every entity that may be asked for: those of now and those once stored. */
export function everyoneOf(states: readonly StateChange[], newest: ReadonlyMap<string, number>): string[] {
  const ids = new Set(states.map((state) => state.entityId));
  for (const entityId of newest.keys()) if (canBeAskedFor(entityId)) ids.add(entityId);
  return [...ids];
}

/** One wrong id makes Home Assistant refuse the whole request. Attributes are asked for by their entity. */
function canBeAskedFor(entityId: string): boolean {
  return ENTITY_ID.test(baseOf(entityId));
}

const ENTITY_ID = /^[a-z0-9]+(_[a-z0-9]+)*\.[a-z0-9]+(_[a-z0-9]+)*$/;

const SHORTEST_MS = 2 * MINUTE_MS;
const WIDEST = 4;

/**
 * Groups differences of like age into spans up to `toMs`: an entity that changed a minute ago is not asked for the week of one that is quiet,
 * and nobody is asked for more than `WIDEST` times his own span.
 */
export function spansOf(differences: readonly Difference[], toMs: number): Span[] {
  const sorted = [...differences].filter(({ fromMs }) => fromMs < toMs).sort((a, b) => b.fromMs - a.fromMs);
  const spans: { entityIds: string[]; fromMs: number; toMs: number; youngestMs: number }[] = [];
  for (const { entityId, fromMs } of sorted) {
    const current = spans.at(-1);
    if (current && toMs - fromMs <= WIDEST * Math.max(SHORTEST_MS, current.youngestMs)) {
      current.entityIds.push(entityId);
      current.fromMs = fromMs;
    } else spans.push({ entityIds: [entityId], fromMs, toMs, youngestMs: toMs - fromMs });
  }
  return spans.map(({ entityIds, fromMs }) => ({ entityIds, fromMs, toMs }));
}
