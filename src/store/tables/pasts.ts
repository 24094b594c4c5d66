import { EVENT_SOURCES, type StateEvent } from "../../core/events/event.ts";
import type { Db } from "../db.ts";
import { entityIndex } from "./entity-index.ts";
import { insertEvents } from "./events.ts";
import { noteGap } from "./gaps.ts";
import { gatherLateRows } from "./stale.ts";

/** How far back the past of one entity is stored. */
export interface EntityPast {
  readonly entityId: string;
  /** Its events are here from this instant on. */
  readonly fromMs: number;
  /** The recorder had nothing older. */
  readonly isWhole: boolean;
  /** Since when it is not chosen any more; null while it is. */
  readonly leftAtMs: number | null;
  /** Before `fromMs`, its hourly means are here from this instant on. */
  readonly statisticsFromMs: number | null;
}

/** A fetched chunk: the entities' events from `fromMs` on to where their pasts began before. */
export interface PastChunk {
  readonly events: readonly StateEvent[];
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly isWhole: boolean;
}

export type StatisticsChunk = Omit<PastChunk, "isWhole">;

export function readPasts(db: Db): EntityPast[] {
  return db
    .all<Omit<EntityPast, "isWhole"> & { isWhole: number }>(
      `SELECT e.entity_id AS entityId, p.from_ms AS fromMs, p.is_whole AS isWhole, p.left_at_ms AS leftAtMs,
              p.statistics_from_ms AS statisticsFromMs
       FROM entity_pasts p JOIN entities e ON e.id = p.entity_id`,
    )
    .map((row) => ({ ...row, isWhole: row.isWhole === 1 }));
}

/** Where the fetched past begins; null where nothing was fetched. */
export function fetchedFromMs(db: Db): number | null {
  return db.get<{ ms: number | null }>("SELECT MIN(from_ms) AS ms FROM entity_pasts")?.ms ?? null;
}

/** Stores a chunk's events and that they are here, as one change: a kill between two chunks costs neither. */
export function putPast(
  db: Db,
  { events, entityIds, fromMs, isWhole, nowMs }: PastChunk & { readonly nowMs: number },
): { inserted: number } {
  const { inserted } = insertEvents(db, { events, nowMs });
  const index = entityIndex(db);
  for (const entityId of entityIds) {
    db.run(
      `INSERT INTO entity_pasts (entity_id, from_ms, is_whole) VALUES (?, ?, ?)
       ON CONFLICT (entity_id) DO UPDATE SET from_ms = min(from_ms, excluded.from_ms), is_whole = max(is_whole, excluded.is_whole)`,
      index.of(entityId, nowMs).id,
      Math.floor(fromMs),
      isWhole ? 1 : 0,
    );
  }
  return { inserted };
}

/**
 * Stores hourly means, which count nowhere as events and are nobody's newest state, and that they are here.
 */
export function putStatistics(
  db: Db,
  { events, entityIds, fromMs, nowMs }: StatisticsChunk & { readonly nowMs: number },
): { inserted: number } {
  const index = entityIndex(db);
  const insert = db.prepare("INSERT OR IGNORE INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES (?, ?, ?, ?, ?)");
  const source = EVENT_SOURCES.indexOf("statistics");
  let inserted = 0;
  const lateRows = gatherLateRows(db);
  for (const { entityId, state, updatedUs, knownAtMs } of events) {
    const { id } = index.of(entityId, nowMs);
    if (insert.run(updatedUs, id, state, knownAtMs, source).changes === 0) continue;
    inserted += 1;
    lateRows.add(id, updatedUs);
  }
  lateRows.note(nowMs);
  for (const entityId of entityIds) {
    db.run("UPDATE entity_pasts SET statistics_from_ms = min(coalesce(statistics_from_ms, @fromMs), @fromMs) WHERE entity_id = @id", {
      fromMs: Math.floor(fromMs),
      id: index.of(entityId, nowMs).id,
    });
  }
  return { inserted };
}

/** Entities that options leave out from now on, and ones that they take in again: nobody listened to these in between. */
export function noteChosen(
  db: Db,
  { left, returned, nowMs }: { readonly left: readonly string[]; readonly returned: readonly string[]; readonly nowMs: number },
): number {
  const index = entityIndex(db);
  for (const entityId of left) {
    const { id } = index.of(entityId, nowMs);
    db.run("UPDATE entity_pasts SET left_at_ms = ? WHERE entity_id = ? AND left_at_ms IS NULL", Math.floor(nowMs), id);
  }
  for (const entityId of returned) {
    const { id } = index.of(entityId, nowMs);
    const past = db.get<{ leftAtMs: number | null }>("SELECT left_at_ms AS leftAtMs FROM entity_pasts WHERE entity_id = ?", id);
    if (past?.leftAtMs == null) continue;
    noteGap(db, { entityId, fromMs: past.leftAtMs, toMs: nowMs, reason: "newly chosen", nowMs });
    db.run("UPDATE entity_pasts SET left_at_ms = NULL WHERE entity_id = ?", id);
  }
  return left.length + returned.length;
}
