import { HOLD_LAST_MS } from "../core/features/definition.ts";
import type { ValueKind } from "../core/features/state-value.ts";
import { createTimeline, type Timeline, type TimelineBuilder } from "../core/features/timeline.ts";
import type { Db } from "../store/db.ts";
import { eachEvent } from "../store/tables/events.ts";

/** An entity that features read. */
export interface ReadEntity {
  /** Row id. */
  readonly id: number;
  /** The id under which features read it; after it was renamed, definitions made before still say the old one. */
  readonly entityId: string;
  /** The id that it has now. */
  readonly storedAs: string;
  readonly kind: ValueKind;
}

/** Stored events as timelines, extended pass by pass, so that a new window costs the events in it. */
export interface Timelines {
  /**
   * Reads what is stored up to `toMs`; where that is more than `atMostRows` rows, up to an earlier full grid step. Returns the instant up to
   * which is read.
   */
  advance(toMs: number, atMostRows?: number): number;
  /** Takes in rows of [fromMs, toMs) that were stored after that span was read. */
  refresh(fromMs: number, toMs: number): void;
  /** Forgets what no window that ends after `atMs` looks at. */
  dropBefore(atMs: number): void;
  /** Windows that end after this instant can be computed. */
  readonly coversFromMs: number;
  readonly readToMs: number;
  byEntity(): ReadonlyMap<string, Timeline>;
}

export interface Reaches {
  /** How far back each entity is looked at; without one, everything read is kept. */
  readonly reachMsOf: ReadonlyMap<string, number>;
  readonly gridMs: number;
}

/** Rows between two looks at what can be forgotten of a long span. */
const ROWS_PER_DROP = 200_000;

/** Timelines of what is stored from `fromMs` on and was known by `knownUntilMs`. */
export function readTimelines(
  db: Db,
  entities: readonly ReadEntity[],
  fromMs: number,
  knownUntilMs = Number.POSITIVE_INFINITY,
  reaches?: Reaches,
): Timelines {
  const builders = new Map<number, { readonly builder: TimelineBuilder; readonly reachMs: number }[]>();
  for (const { id, entityId, kind } of entities) {
    const reachMs = (reaches?.reachMsOf.get(entityId) ?? 0) + (reaches?.gridMs ?? 0);
    builders.set(id, [...(builders.get(id) ?? []), { builder: createTimeline(entityId, kind), reachMs }]);
  }
  let readToMs = fromMs;
  let coversFromMs = fromMs;

  function dropBefore(atMs: number): void {
    coversFromMs = Math.max(coversFromMs, atMs);
    if (reaches === undefined) return;
    for (const own of builders.values()) for (const { builder, reachMs } of own) builder.dropBefore((atMs - reachMs) * 1000);
  }

  return {
    get coversFromMs() {
      return coversFromMs;
    },
    get readToMs() {
      return readToMs;
    },
    advance(toMs, atMostRows = Number.POSITIVE_INFINITY) {
      if (toMs <= readToMs) return readToMs;
      const gridUs = (reaches?.gridMs ?? 1) * 1000;
      let rows = 0;
      let stepUs = Number.POSITIVE_INFINITY;
      let reachedMs = toMs;
      eachEvent(db, readToMs, toMs, (entity, updatedUs, state, knownAtMs, source) => {
        if (updatedUs >= stepUs) {
          reachedMs = stepUs / 1000;
          return false;
        }
        if (knownAtMs === null || knownAtMs <= knownUntilMs) {
          for (const { builder } of builders.get(entity) ?? []) builder.push(updatedUs, state, knownAtMs, source);
        }
        rows += 1;
        if (rows === atMostRows) stepUs = Math.ceil((updatedUs + 1) / gridUs) * gridUs;
        if (rows % ROWS_PER_DROP === 0 && updatedUs / 1000 < coversFromMs) {
          for (const own of builders.values()) {
            for (const { builder, reachMs } of own) builder.dropBefore(Math.min(updatedUs, (coversFromMs - reachMs) * 1000));
          }
        }
        return true;
      });
      readToMs = reachedMs;
      return reachedMs;
    },
    refresh(from, to) {
      eachEvent(db, from, Math.min(to, readToMs), (entity, updatedUs, state, knownAtMs, source) => {
        for (const { builder } of builders.get(entity) ?? []) builder.insert(updatedUs, state, knownAtMs, source);
      });
    },
    dropBefore,
    byEntity: () =>
      new Map(
        [...builders.values()]
          .flat()
          .map(({ builder }) => builder.timeline())
          .map((timeline) => [timeline.entityId, timeline]),
      ),
  };
}

/** Timelines for windows that end after `fromMs`: what holds there is read, too. */
export function readTimelinesFor(db: Db, entities: readonly ReadEntity[], fromMs: number, reaches: Reaches): Timelines {
  const longestMs = Math.max(0, ...reaches.reachMsOf.values());
  const timelines = readTimelines(db, entities, fromMs - longestMs - HOLD_LAST_MS - reaches.gridMs, Number.POSITIVE_INFINITY, reaches);
  timelines.dropBefore(fromMs);
  return timelines;
}
