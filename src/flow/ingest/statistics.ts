import { DAY_MS, HOUR_MS } from "../../core/time.ts";
import { type BackfillPorts, type BackfillProgress, groupsOf } from "./backfill.ts";
import { MAX_ENTITIES } from "./fetcher.ts";
import { createPace } from "./pace.ts";
import type { HomePort, HomeState, StorePort } from "./ports.ts";
import { inSlices } from "./slices.ts";

export interface StatisticsPorts extends Omit<BackfillPorts, "store"> {
  readonly home: Pick<HomePort, "statisticIds" | "statistics">;
  readonly store: Pick<StorePort, "pasts" | "writeStatistics">;
}

export interface StatisticsInput {
  /** Chosen entities, with their units. */
  readonly states: readonly HomeState[];
  readonly nowMs: number;
  /** Furthest back. Nothing is gained by means that retention would take away the next night. */
  readonly days: number;
}

/** An answer of so many means takes Home Assistant a tenth of a second. */
const ROWS_WANTED = 10_000;
/** Means an entity has in an hour: one at most. Where there were none, a chunk is larger, but never beyond this. */
const LEAST_DENSITY = 0.1;

/**
 * Fetches the hourly means from before the events that the recorder still has, newest first, for entities whose events are there. Resumable by
 * chunk as the back-fill is. A mean that comes in another unit than the entity's states is left out: it would be another quantity.
 */
export async function backfillStatistics(ports: StatisticsPorts, input: StatisticsInput, signal: AbortSignal): Promise<BackfillProgress> {
  const { fetcher, home, store, clock, onProgress } = ports;
  const limitMs = Math.floor((input.nowMs - input.days * DAY_MS) / HOUR_MS) * HOUR_MS;
  const units = new Map(input.states.map((state) => [state.entityId, state.unit ?? null]));
  const reachedMs = new Map<string, number>();
  for (const { entityId, fromMs, statisticsFromMs } of await store.pasts()) {
    const reached = statisticsFromMs ?? Math.floor(fromMs / HOUR_MS) * HOUR_MS;
    if (units.has(entityId) && reached > limitMs) reachedMs.set(entityId, reached);
  }
  const none = { phase: "statistics", entities: 0, rows: 0, ...createPace(clock, 0).done(0) } as const;
  if (reachedMs.size === 0) return none;
  const kept = new Map((await fetcher.polite(() => home.statisticIds(), signal)).map(({ entityId, unit }) => [entityId, unit]));
  for (const [entityId] of reachedMs) {
    if (!kept.has(entityId) || kept.get(entityId) !== units.get(entityId)) reachedMs.delete(entityId);
  }
  if (reachedMs.size === 0) return none;

  let progress: BackfillProgress = { ...none, entities: reachedMs.size };
  const pace = createPace(clock, [...reachedMs.values()].reduce((sum, ms) => sum + ms - limitMs, 0) / reachedMs.size);
  let stored = 0;
  for (const group of groupsOf(reachedMs)) {
    for (let i = 0; i < group.entityIds.length; i += MAX_ENTITIES) {
      const entityIds = group.entityIds.slice(i, i + MAX_ENTITIES);
      let density = 1;
      for (let toMs = group.fromMs; toMs > limitMs; ) {
        const hours = Math.ceil(ROWS_WANTED / (entityIds.length * density));
        const fromMs = Math.max(limitMs, toMs - hours * HOUR_MS);
        const span = { entityIds, fromMs, toMs };
        const page = await fetcher.polite(() => home.statistics(span), signal);
        stored += await inSlices(page.events, async (events, isLast) => {
          return (await store.writeStatistics({ events, entityIds: isLast ? entityIds : [], fromMs })).inserted;
        });
        density = Math.max(LEAST_DENSITY, page.rows / ((entityIds.length * (toMs - fromMs)) / HOUR_MS));
        progress = { ...progress, rows: stored, ...pace.done(((toMs - fromMs) * entityIds.length) / reachedMs.size) };
        onProgress(progress);
        toMs = fromMs;
      }
    }
  }
  return progress;
}
