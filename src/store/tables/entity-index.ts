import { domainOf } from "../../core/events/entity.ts";
import { EVENT_SOURCES, type EventSource } from "../../core/events/event.ts";
import type { Db } from "../db.ts";
import { addHealth, getMetadata, setMetadata } from "./metadata.ts";

/** What the writer keeps in memory of an entity, so that a commit of events touches no second table. */
export interface EntityMemory {
  readonly id: number;
  readonly entityId: string;
  state: string | null;
  updatedUs: number;
  /** Stored events, anchors and hourly means left out. */
  eventCount: number;
  isHelper: boolean;
}

export interface NewRow {
  readonly state: string;
  readonly updatedUs: number;
  readonly source: EventSource;
}

export interface EntityIndex {
  /** The entity's memory; a row is made for one never seen. */
  of(entityId: string, nowMs: number): EntityMemory;
  find(entityId: string): EntityMemory | undefined;
  /** Whom an option means by that name: the entity itself, or the one that had the name before it was renamed. */
  meant(entityId: string, nowMs: number): EntityMemory;
  all(): Iterable<EntityMemory>;
  /** Takes note of a row that was just inserted. */
  count(entity: EntityMemory, row: NewRow): void;
  /** Ends a batch: what a start would not find by itself is written. Call inside the transaction of the batch. */
  settle(nowMs: number): void;
  /** Writes newest states and counts of the entities touched since the last time. */
  save(): number;
}

interface Entry extends EntityMemory {
  /** `updatedUs` as the table has it: its count holds every row up to here. */
  savedUs: number;
}

interface EntityRow {
  id: number;
  entity_id: string;
  state: string | null;
  state_updated_us: number | null;
  event_count: number;
}

/** A start reads no more rows than this behind what was saved: some tenths of a second. */
const SAVE_EVERY_ROWS = 200_000;
const ANCHOR = EVENT_SOURCES.indexOf("anchor");

const indexes = new WeakMap<Db, EntityIndex>();

/** The index of this connection, read from the table once and completed from the newest raw events, which a crash left unsaved. */
export function entityIndex(db: Db): EntityIndex {
  let index = indexes.get(db);
  if (index === undefined) {
    index = loadIndex(db);
    indexes.set(db, index);
  }
  return index;
}

/** Forgets the index, so that the next use reads it again (after names or targets changed, or a transaction was rolled back). */
export function forgetEntityIndex(db: Db): void {
  indexes.delete(db);
}

export function saveEntityStates(db: Db): number {
  return entityIndex(db).save();
}

/**
 * Counts are saved now and then, and yet a start finds them exactly. It counts only rows newer than `newest_saved_us` and newer than the
 * entity's own saved state, so a row that is inserted behind either of them (back-fill, late rows) has its entity saved with it.
 */
function loadIndex(db: Db): EntityIndex {
  const byName = new Map<string, Entry>();
  const byId = new Map<number, Entry>();
  const touched = new Set<Entry>();
  const behind = new Set<Entry>();
  const helpers = new Set(
    db
      .all<{ name: string | null }>(
        "SELECT start_entity AS name FROM targets UNION SELECT end_entity FROM targets UNION SELECT negative_entity FROM targets UNION SELECT excluded_entity FROM targets",
      )
      .map((row) => row.name),
  );
  let newestSavedUs = Number(getMetadata(db, "newest_saved_us") ?? 0);
  let unsavedRows = 0;
  /** Events from the future must not hide what comes until their time. */
  let nowUs = 0;

  const remember = (row: EntityRow): Entry => {
    const updatedUs = row.state_updated_us ?? 0;
    const entry = {
      id: row.id,
      entityId: row.entity_id,
      state: row.state,
      updatedUs,
      savedUs: updatedUs,
      eventCount: row.event_count,
      isHelper: helpers.has(row.entity_id),
    };
    byName.set(entry.entityId, entry);
    byId.set(entry.id, entry);
    return entry;
  };
  const see = (entry: Entry, updatedUs: number, state: string, isEvent: boolean): void => {
    if (isEvent) entry.eventCount += 1;
    if (updatedUs > entry.updatedUs) {
      entry.updatedUs = updatedUs;
      entry.state = state;
    }
    touched.add(entry);
    unsavedRows += 1;
  };
  const write = (entry: Entry): void => {
    if (entry.state === null) return;
    // An empty state is Home Assistant's word for "removed".
    db.run(
      `UPDATE entities SET state = @state, state_updated_us = @us, event_count = @count,
         removed_at_ms = CASE WHEN @state = '' THEN @us / 1000 WHEN removed_at_ms < @us / 1000 THEN NULL ELSE removed_at_ms END
       WHERE id = @id`,
      { state: entry.state, us: BigInt(entry.updatedUs), count: BigInt(entry.eventCount), id: entry.id },
    );
    entry.savedUs = entry.updatedUs;
  };

  for (const row of db.all<EntityRow>("SELECT id, entity_id, state, state_updated_us, event_count FROM entities")) remember(row);
  const tail = db
    .prepare("SELECT entity_id, state, updated_us, source FROM raw_events WHERE updated_us > ? AND source <> 2 ORDER BY updated_us")
    .raw(true)
    .iterate(newestSavedUs) as IterableIterator<[number, string, number, number]>;
  for (const [id, state, updatedUs, source] of tail) {
    const entry = byId.get(id);
    if (entry !== undefined && updatedUs > entry.savedUs) see(entry, updatedUs, state, source !== ANCHOR);
  }

  const formerly = (entityId: string): Entry | undefined => {
    const row = db.get<{ id: number }>("SELECT id FROM former_names WHERE entity_id = ?", entityId);
    return row === undefined ? undefined : byId.get(row.id);
  };
  for (const name of helpers) {
    const renamed = name === null || byName.has(name) ? undefined : formerly(name);
    if (renamed !== undefined) renamed.isHelper = true;
  }

  const index: EntityIndex = {
    of(entityId, nowMs) {
      let entry = byName.get(entityId);
      if (entry === undefined) {
        db.run("INSERT INTO entities (entity_id, domain, first_seen_ms) VALUES (?, ?, ?)", entityId, domainOf(entityId), nowMs);
        addHealth(db, "entities_total", 1);
        const row = db.get<{ id: number }>("SELECT id FROM entities WHERE entity_id = ?", entityId);
        entry = remember({ id: row!.id, entity_id: entityId, state: null, state_updated_us: null, event_count: 0 });
      }
      return entry;
    },
    find: (entityId) => byName.get(entityId),
    meant: (entityId, nowMs) => byName.get(entityId) ?? formerly(entityId) ?? index.of(entityId, nowMs),
    all: () => byName.values(),
    count(entity, { state, updatedUs, source }) {
      const entry = byId.get(entity.id)!;
      if (updatedUs <= newestSavedUs || updatedUs <= entry.savedUs) behind.add(entry);
      see(entry, updatedUs, state, source !== "anchor");
    },
    settle(nowMs) {
      nowUs = nowMs * 1000;
      if (unsavedRows >= SAVE_EVERY_ROWS) save();
      for (const entry of behind) write(entry);
      behind.clear();
    },
    save,
  };
  return index;

  function save(): number {
    const saved = touched.size;
    let newestUs = newestSavedUs;
    for (const entry of touched) {
      write(entry);
      if (entry.updatedUs <= nowUs) newestUs = Math.max(newestUs, entry.updatedUs);
    }
    touched.clear();
    behind.clear();
    unsavedRows = 0;
    if (newestUs > newestSavedUs) setMetadata(db, { newest_saved_us: String(newestUs) });
    newestSavedUs = newestUs;
    return saved;
  }
}
