import { EVENT_SOURCES, type EventSource, type StateEvent } from "../../core/events/event.ts";
import { isoMs, windowNoOf } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { entityIndex, forgetEntityIndex } from "./entities.ts";
import { addHealth, getMetadata, setHealth, setMetadata } from "./metadata.ts";

const SOURCE_CODE = Object.fromEntries(EVENT_SOURCES.map((source, code) => [source, code])) as Record<EventSource, number>;

export interface EventBatch {
  readonly events: readonly StateEvent[];
  readonly nowMs: number;
  /** Who said a helper's value (HA's user id), by position in `events`; for label helpers only. */
  readonly saidBy?: Readonly<Record<number, string>>;
}

/**
 * Inserts what is not stored yet (identity: entity + updatedUs). Windows that were computed before such an event came are noted as stale.
 * Runs inside the caller's transaction.
 */
export function insertEvents(db: Db, batch: EventBatch): { inserted: number; late: number } {
  try {
    return insertAll(db, batch);
  } catch (error) {
    forgetEntityIndex(db); // the rolled back transaction may have made entities and counts
    throw error;
  }
}

function insertAll(db: Db, batch: EventBatch): { inserted: number; late: number } {
  const index = entityIndex(db);
  const insert = db.prepare("INSERT OR IGNORE INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES (?, ?, ?, ?, ?)");
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  const computedTo = computedOrReadTo(db);
  let inserted = 0;
  let counted = 0;
  let late = 0;
  let newestUs = 0;
  let firstStale = Number.POSITIVE_INFINITY;
  batch.events.forEach((event, position) => {
    const entity = index.of(event.entityId, batch.nowMs);
    const source = SOURCE_CODE[event.source];
    if (insert.run(event.updatedUs, entity.id, event.state, event.knownAtMs, source).changes === 0) return;
    inserted += 1;
    if (event.source !== "anchor") {
      counted += 1;
      entity.eventCount += 1;
    }
    if (event.updatedUs > entity.updatedUs) {
      entity.updatedUs = event.updatedUs;
      entity.state = event.state;
    }
    if (event.updatedUs > newestUs) newestUs = event.updatedUs;
    if (entity.isHelper) {
      db.run(
        "INSERT OR IGNORE INTO helper_changes (entity_id, updated_us, state, known_at_ms, source, said_by) VALUES (?, ?, ?, ?, ?, ?)",
        entity.id,
        event.updatedUs,
        event.state,
        event.knownAtMs,
        source,
        batch.saidBy?.[position] ?? null,
      );
    }
    const windowNo = windowNoOf(event.updatedUs / 1000, gridMs);
    if (windowNo <= computedTo) {
      late += 1;
      firstStale = Math.min(firstStale, windowNo);
    }
  });
  if (firstStale <= computedTo) noteStaleWindows(db, { fromNo: firstStale, toNo: computedTo, nowMs: batch.nowMs });
  if (counted > 0) {
    addHealth(db, "events_total", counted);
    const known = Number(db.get<{ value: string }>("SELECT value FROM health WHERE key = 'newest_event_us'")?.value ?? 0);
    if (newestUs > known) setHealth(db, { newest_event_us: newestUs, last_event_at: isoMs(Math.floor(newestUs / 1000)) });
    setMetadata(db, { last_ingest_at: isoMs(batch.nowMs) });
  }
  return { inserted, late };
}

/** Windows up to here are computed, or being computed from what a pass has read already: an event in them comes late. */
export function computedOrReadTo(db: Db): number {
  const computedTo = db.get<{ newest: number | null }>("SELECT MAX(window_no) AS newest FROM features")?.newest ?? -1;
  return Math.max(computedTo, Number(getMetadata(db, "features_read_to") ?? -1));
}

/** Notes windows whose events came after they were computed. */
export function noteStaleWindows(db: Db, input: { readonly fromNo: number; readonly toNo: number; readonly nowMs: number }): void {
  db.run("INSERT INTO stale_windows (from_no, to_no, noted_at_ms) VALUES (?, ?, ?)", input.fromNo, input.toNo, input.nowMs);
}

/** One stored row: entity row id, updated µs, state, known at ms (null: at that instant), source. */
export type StoredRow = readonly [entity: number, updatedUs: number, state: string, knownAtMs: number | null, source: EventSource];

/** Calls back for each stored row of [fromMs, toMs), time order, without holding them all. */
export function eachEvent(db: Db, fromMs: number, toMs: number, take: (...row: StoredRow) => void): void {
  const rows = db
    .prepare(
      "SELECT entity_id, updated_us, state, known_at_ms, source FROM raw_events WHERE updated_us >= ? AND updated_us < ? ORDER BY updated_us",
    )
    .raw(true)
    .iterate(Math.ceil(fromMs * 1000), Math.ceil(toMs * 1000)) as IterableIterator<[number, number, string, number | null, number]>;
  for (const [entity, updatedUs, state, knownAtMs, source] of rows) take(entity, updatedUs, state, knownAtMs, EVENT_SOURCES[source]!);
}

/** entity_id -> newest stored updatedUs, from the newest-state table and the tail behind it. */
export function newestStored(db: Db): Map<string, number> {
  const newest = new Map<string, number>();
  for (const memory of entityIndex(db).all()) if (memory.updatedUs > 0) newest.set(memory.entityId, memory.updatedUs);
  return newest;
}

export function firstEventMs(db: Db): number | null {
  const first = db.get<{ us: number | null }>("SELECT MIN(updated_us) AS us FROM raw_events")?.us ?? null;
  return first === null ? null : first / 1000;
}

export interface HelperChange {
  readonly entityId: string;
  readonly state: string;
  readonly changedAtMs: number;
  readonly source: EventSource;
  readonly saidBy: string | null;
}

/** All stored states of the given helpers, time order. */
export function readHelperChanges(db: Db, entityIds: readonly string[]): HelperChange[] {
  return db
    .all<{ entity_id: string; state: string; updated_us: number; source: number; said_by: string | null }>(
      `SELECT e.entity_id, h.state, h.updated_us, h.source, h.said_by FROM helper_changes h JOIN entities e ON e.id = h.entity_id
       WHERE e.entity_id IN (SELECT value FROM json_each(?)) ORDER BY h.updated_us`,
      JSON.stringify(entityIds),
    )
    .map((row) => ({
      entityId: row.entity_id,
      state: row.state,
      changedAtMs: Math.floor(row.updated_us / 1000),
      source: EVENT_SOURCES[row.source]!,
      saidBy: row.said_by,
    }));
}

export interface FetchedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
}

export function markFetched(db: Db, input: FetchedRange & { readonly nowMs: number }): number {
  return db.run(
    "INSERT INTO backfill_ranges (from_ms, to_ms, rows, done_at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (from_ms) DO UPDATE SET to_ms = max(to_ms, excluded.to_ms), rows = excluded.rows",
    input.fromMs,
    input.toMs,
    input.rows,
    input.nowMs,
  );
}

/** Where the fetched past begins that holds any row; null where nothing was fetched. */
export function fetchedFromMs(db: Db): number | null {
  return db.get<{ ms: number | null }>("SELECT MIN(from_ms) AS ms FROM backfill_ranges WHERE rows > 0")?.ms ?? null;
}

export function readFetchedRanges(db: Db): FetchedRange[] {
  return db.all("SELECT from_ms AS fromMs, to_ms AS toMs, rows FROM backfill_ranges ORDER BY from_ms DESC");
}
