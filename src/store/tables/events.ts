import { CLOCK_TOLERANCE_MS, EVENT_SOURCES, type EventSource, isEvent, isFromFuture, type StateEvent } from "../../core/events/event.ts";
import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { entityIndex, forgetEntityIndex } from "./entity-index.ts";
import { addHealth, getMetadata, metadataInstantMs, setHealth, setMetadata } from "./metadata.ts";
import { gatherLateRows } from "./stale.ts";

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
  const lateRows = gatherLateRows(db);
  let inserted = 0;
  let counted = 0;
  let late = 0;
  let fromFuture = 0;
  let newestUs = 0;
  const latestUs = (batch.nowMs + CLOCK_TOLERANCE_MS) * 1000;
  batch.events.forEach((event, position) => {
    // What is removed without ever having been stored was renamed a moment ago: the recorder leaves it out, too.
    if (event.state === "" && event.source === "live" && index.find(event.entityId) === undefined) return;
    const entity = index.of(event.entityId, batch.nowMs);
    const source = SOURCE_CODE[event.source];
    const saidBy = batch.saidBy?.[position] ?? null;
    if (insert.run(event.updatedUs, entity.id, event.state, event.knownAtMs, source).changes === 0) {
      if (entity.isHelper && saidBy !== null) noteWhoSaid(db, entity.id, event.updatedUs, saidBy);
      return;
    }
    inserted += 1;
    if (isEvent(event.source)) counted += 1;
    index.count(entity, event);
    if (isFromFuture(event)) fromFuture += 1;
    if (event.updatedUs > newestUs && event.updatedUs <= latestUs) newestUs = event.updatedUs;
    if (entity.isHelper) {
      db.run(
        "INSERT OR IGNORE INTO helper_changes (entity_id, updated_us, state, known_at_ms, source, said_by, time_zone) VALUES (?, ?, ?, ?, ?, ?, ?)",
        entity.id,
        event.updatedUs,
        event.state,
        event.knownAtMs,
        source,
        saidBy,
        getMetadata(db, "time_zone"),
      );
    }
    if (lateRows.add(entity.id, event.updatedUs)) late += 1;
  });
  index.settle(batch.nowMs);
  lateRows.note(batch.nowMs);
  if (counted > 0) {
    addHealth(db, "events_total", counted);
    addHealth(db, "events_from_future", fromFuture);
    const known = Number(db.get<{ value: string }>("SELECT value FROM health WHERE key = 'newest_event_us'")?.value ?? 0);
    // A clock that was set back leaves a newest event that is still to come.
    if (newestUs > (known > latestUs ? 0 : known))
      setHealth(db, { newest_event_us: newestUs, last_event_at: isoMs(Math.floor(newestUs / 1000)) });
    noteIngest(db, batch.nowMs);
  }
  return { inserted, late };
}

/** Home Assistant's history, which may be fetched before the live event of the same change is written, does not tell who said it. */
function noteWhoSaid(db: Db, entityId: number, updatedUs: number, saidBy: string): void {
  db.run("UPDATE helper_changes SET said_by = ? WHERE entity_id = ? AND updated_us = ? AND said_by IS NULL", saidBy, entityId, updatedUs);
}

/** Every commit would write a page for it alone, a fifth of all that is written in a day. */
const INGEST_NOTED_MS = 30_000;

function noteIngest(db: Db, nowMs: number): void {
  const notedMs = metadataInstantMs(db, "last_ingest_at");
  if (notedMs === null || Math.abs(nowMs - notedMs) >= INGEST_NOTED_MS) setMetadata(db, { last_ingest_at: isoMs(nowMs) });
}

/** One stored row: entity row id, updated µs, state, known at ms (null: at that instant), source. */
export type StoredRow = readonly [entity: number, updatedUs: number, state: string, knownAtMs: number | null, source: EventSource];

/** Rows fetched at once: one by one costs twice as much, many more only memory. */
const ROWS_PER_SLICE = 5000;

/** Calls back for each stored row of [fromMs, toMs), time order, without holding them all, until it is answered with false. */
export function eachEvent(db: Db, fromMs: number, toMs: number, take: (...row: StoredRow) => unknown): void {
  const slice = db
    .prepare(
      `SELECT entity_id, updated_us, state, known_at_ms, source FROM raw_events
       WHERE (updated_us, entity_id) > (?, ?) AND updated_us < ? ORDER BY updated_us, entity_id LIMIT ${ROWS_PER_SLICE}`,
    )
    .raw(true);
  let after: readonly [updatedUs: number, entity: number] = [Math.ceil(fromMs * 1000), -1];
  for (;;) {
    const rows = slice.all(...after, Math.ceil(toMs * 1000)) as [number, number, string, number | null, number][];
    for (const [entity, updatedUs, state, knownAtMs, source] of rows) {
      if (take(entity, updatedUs, state, knownAtMs, EVENT_SOURCES[source]!) === false) return;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_PER_SLICE) return;
    after = [last[1], last[0]];
  }
}

/** Rows that are looked through for the newest state behind one from the future. */
const MOST_LOOKED_THROUGH = 200_000;

/**
 * entity_id -> newest stored updatedUs, from the newest-state table and the tail behind it. An event from the future would hide all that
 * comes until its instant, so for its entity the newest row before `nowMs` counts, or none when that lies far back.
 */
export function newestStored(db: Db, nowMs: number): Map<string, number> {
  const latestUs = Math.floor((nowMs + CLOCK_TOLERANCE_MS) * 1000);
  const newest = new Map<string, number>();
  const ahead = new Map<number, string>();
  for (const { id, entityId, updatedUs } of entityIndex(db).all()) {
    if (updatedUs > latestUs) ahead.set(id, entityId);
    else if (updatedUs > 0) newest.set(entityId, updatedUs);
  }
  if (ahead.size === 0) return newest;
  const rows = db
    .prepare("SELECT entity_id, updated_us FROM raw_events WHERE updated_us <= ? ORDER BY updated_us DESC LIMIT ?")
    .raw(true)
    .iterate(latestUs, MOST_LOOKED_THROUGH) as IterableIterator<[number, number]>;
  for (const [id, updatedUs] of rows) {
    const entityId = ahead.get(id);
    if (entityId === undefined) continue;
    newest.set(entityId, updatedUs);
    ahead.delete(id);
    if (ahead.size === 0) break;
  }
  return newest;
}

export const firstEventMs = (db: Db): number | null => edgeMs(db, "MIN");
export const newestEventMs = (db: Db): number | null => edgeMs(db, "MAX");

function edgeMs(db: Db, which: "MIN" | "MAX"): number | null {
  const us = db.get<{ us: number | null }>(`SELECT ${which}(updated_us) AS us FROM raw_events`)?.us ?? null;
  return us === null ? null : us / 1000;
}

export interface HelperChange {
  readonly entityId: string;
  readonly state: string;
  readonly updatedUs: number;
  readonly changedAtMs: number;
  readonly source: EventSource;
  readonly saidBy: string | null;
  /** The home's zone at the time; null where it was not known yet. */
  readonly timeZone: string | null;
  /** Whether Home Assistant was starting; null = not judged. */
  readonly cameWithStart: boolean | null;
}

/** All stored states of the given helpers, time order, each under the name that was asked for: a renamed helper still has its old one in the options. */
export function readHelperChanges(db: Db, entityIds: readonly string[]): HelperChange[] {
  return db
    .all<{
      entity_id: string;
      state: string;
      updated_us: number;
      source: number;
      said_by: string | null;
      time_zone: string | null;
      start: number | null;
    }>(
      `SELECT n.value AS entity_id, h.state, h.updated_us, h.source, h.said_by, h.time_zone, h.came_with_start AS start
       FROM json_each(?) n LEFT JOIN entities e ON e.entity_id = n.value LEFT JOIN former_names f ON f.entity_id = n.value
       JOIN helper_changes h ON h.entity_id = coalesce(e.id, f.id) ORDER BY h.updated_us`,
      JSON.stringify(entityIds),
    )
    .map((row) => ({
      entityId: row.entity_id,
      state: row.state,
      updatedUs: row.updated_us,
      changedAtMs: Math.floor(row.updated_us / 1000),
      source: EVENT_SOURCES[row.source]!,
      saidBy: row.said_by,
      timeZone: row.time_zone,
      cameWithStart: row.start === null ? null : row.start === 1,
    }));
}
