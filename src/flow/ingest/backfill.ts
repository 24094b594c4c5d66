import type { Clock } from "../../core/clock.ts";
import { DAY_MS, HOUR_MS } from "../../core/time.ts";
import type { Chunk, Fetcher } from "./fetcher.ts";
import { createPace, type Pace } from "./pace.ts";
import type { EntityPast, HistoryPage, StorePort } from "./ports.ts";
import { recorderReach } from "./reach.ts";
import { inSlices } from "./slices.ts";

export interface BackfillPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "pasts" | "writePast">;
  readonly onProgress: (progress: BackfillProgress) => void;
}

export interface BackfillInput {
  readonly entityIds: readonly string[];
  /** When live changes were subscribed to: the past ends here. */
  readonly listeningSinceMs: number;
  /** Furthest back. */
  readonly days: number;
}

export interface BackfillProgress extends Pace {
  readonly phase: "events" | "statistics";
  readonly entities: number;
  /** Rows stored by this run. */
  readonly rows: number;
}

/**
 * Fetches all that the recorder has of each entity, newest day first, up to `days` back. How far back an entity's past reaches is stored with
 * each chunk, so a run that was cut off asks for one chunk again at most, and an entity that is chosen later gets its own past. Only the
 * oldest chunk asks for the state that held at its start.
 */
export async function backfill(ports: BackfillPorts, input: BackfillInput, signal: AbortSignal): Promise<BackfillProgress> {
  const { fetcher, clock, store, onProgress } = ports;
  const endMs = Math.ceil(input.listeningSinceMs);
  const limitMs = Math.floor((input.listeningSinceMs - input.days * DAY_MS) / HOUR_MS) * HOUR_MS;
  const pasts = new Map((await store.pasts()).map((past) => [past.entityId, past]));
  const reachedMs = new Map(wanting(input.entityIds, pasts, limitMs).map((entityId) => [entityId, pasts.get(entityId)?.fromMs ?? endMs]));
  let progress: BackfillProgress = { phase: "events", entities: reachedMs.size, rows: 0, ...createPace(clock, 0).done(0) };
  if (reachedMs.size === 0) return progress;

  const newestMs = [...reachedMs.values()].reduce((a, b) => Math.max(a, b), limitMs);
  const reach = await recorderReach(fetcher, [...reachedMs.keys()], limitMs, newestMs, HOUR_MS, signal);
  const isWhole = reach.fromMs > limitMs;
  const pace = createPace(clock, [...reachedMs.values()].reduce((sum, ms) => sum + Math.max(0, ms - reach.fromMs), 0) / reachedMs.size);
  let stored = 0;

  const keep = async (page: HistoryPage, { entityIds, fromMs, toMs }: Chunk): Promise<void> => {
    // A recorder that never showed anything may only be starting: asked again next time.
    const isThere = reach.hasRows || pasts.size > 0 || stored + page.events.length > 0;
    stored += await inSlices(page.events, async (events, isLast) => {
      const { inserted } = await store.writePast({
        events,
        entityIds: isLast && isThere ? entityIds : [],
        fromMs,
        isWhole: isWhole && fromMs <= reach.fromMs,
      });
      return inserted;
    });
    for (const entityId of entityIds) reachedMs.set(entityId, fromMs);
    progress = {
      phase: "events",
      entities: reachedMs.size,
      rows: stored,
      ...pace.done(((toMs - fromMs) * entityIds.length) / reachedMs.size),
    };
    onProgress(progress);
  };
  for (const { fromMs, toMs } of daysOf(reach.fromMs, newestMs)) {
    const behind = new Map([...reachedMs].filter(([, ms]) => ms > fromMs).map(([entityId, ms]) => [entityId, Math.min(ms, toMs)]));
    for (const group of groupsOf(behind)) {
      const span = { entityIds: group.entityIds, fromMs, toMs: group.fromMs, withStartState: fromMs === reach.fromMs, isBackward: true };
      await fetcher.fetch(span, keep, signal);
    }
  }
  return progress;
}

/** Entities whose past is not fetched to its end. */
function wanting(entityIds: readonly string[], pasts: ReadonlyMap<string, EntityPast>, limitMs: number): string[] {
  return [...new Set(entityIds)].filter((entityId) => {
    const past = pasts.get(entityId);
    return past === undefined || !(past.isWhole || past.fromMs <= limitMs);
  });
}

/** Entities whose past reaches back to the same instant. */
export function groupsOf(reachedMs: ReadonlyMap<string, number>): { readonly entityIds: string[]; readonly fromMs: number }[] {
  const groups = Map.groupBy(reachedMs, ([, ms]) => ms);
  return [...groups].map(([fromMs, entries]) => ({ entityIds: entries.map(([entityId]) => entityId), fromMs }));
}

/** The span cut at UTC midnights, newest first. */
function daysOf(spanFromMs: number, spanToMs: number): { readonly fromMs: number; readonly toMs: number }[] {
  const days = [];
  for (let toMs = spanToMs; toMs > spanFromMs; ) {
    const fromMs = Math.max(spanFromMs, (Math.ceil(toMs / DAY_MS) - 1) * DAY_MS);
    days.push({ fromMs, toMs });
    toMs = fromMs;
  }
  return days;
}
