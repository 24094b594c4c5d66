import type { ValueKind } from "../core/features/state-value.ts";
import { createTimeline, type Timeline, type TimelineBuilder } from "../core/features/timeline.ts";
import type { Db } from "../store/db.ts";
import { eachEvent } from "../store/tables/events.ts";

/** An entity that features read. */
export interface ReadEntity {
  /** Row id. */
  readonly id: number;
  readonly entityId: string;
  readonly kind: ValueKind;
}

/** Stored events as timelines, extended pass by pass, so that a new window costs the events in it. */
export interface Timelines {
  /** Reads everything stored up to `toMs`. */
  advance(toMs: number): void;
  /** Forgets what lies before. */
  dropBefore(atMs: number): void;
  byEntity(): ReadonlyMap<string, Timeline>;
}

export function readTimelines(db: Db, entities: readonly ReadEntity[], fromMs: number): Timelines {
  const builders = new Map<number, TimelineBuilder>(entities.map(({ id, entityId, kind }) => [id, createTimeline(entityId, kind)]));
  let readTo = fromMs;
  return {
    advance(toMs) {
      eachEvent(db, readTo, toMs, (entity, updatedUs, state, knownAtMs, source) =>
        builders.get(entity)?.push(updatedUs, state, knownAtMs, source),
      );
      readTo = toMs;
    },
    dropBefore(atMs) {
      for (const builder of builders.values()) builder.dropBefore(atMs * 1000);
    },
    byEntity: () => new Map([...builders.values()].map((builder) => builder.timeline()).map((timeline) => [timeline.entityId, timeline])),
  };
}
