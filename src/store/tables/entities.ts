import { domainOf, type EntityFacts } from "../../core/events/entity.ts";
import type { Db } from "../db.ts";
import { addHealth, getMetadata, setMetadata } from "./metadata.ts";

/** What the writer keeps in memory of an entity, so that a commit of events touches no second table. */
export interface EntityMemory {
  readonly id: number;
  readonly entityId: string;
  state: string | null;
  updatedUs: number;
  eventCount: number;
  isHelper: boolean;
}

export interface EntityIndex {
  /** The entity's memory; a row is made for one never seen. */
  of(entityId: string, nowMs: number): EntityMemory;
  all(): Iterable<EntityMemory>;
  /** Writes newest states and counts of the entities touched since the last time. */
  save(): number;
}

interface EntityRow {
  id: number;
  entity_id: string;
  state: string | null;
  state_updated_us: number | null;
  event_count: number;
}

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

function loadIndex(db: Db): EntityIndex {
  const byName = new Map<string, EntityMemory>();
  const byId = new Map<number, EntityMemory>();
  const touched = new Set<EntityMemory>();
  const helpers = new Set(
    db.all<{ name: string | null }>("SELECT start_entity AS name FROM targets UNION SELECT end_entity FROM targets").map((row) => row.name),
  );
  const remember = (row: EntityRow): EntityMemory => {
    const memory = {
      id: row.id,
      entityId: row.entity_id,
      state: row.state,
      updatedUs: row.state_updated_us ?? 0,
      eventCount: row.event_count,
      isHelper: helpers.has(row.entity_id),
    };
    byName.set(memory.entityId, memory);
    byId.set(memory.id, memory);
    return memory;
  };
  for (const row of db.all<EntityRow>("SELECT id, entity_id, state, state_updated_us, event_count FROM entities")) remember(row);
  const savedUs = Number(getMetadata(db, "newest_saved_us") ?? 0);
  for (const row of db.all<{ entity_id: number; state: string; updated_us: number }>(
    "SELECT entity_id, state, updated_us FROM raw_events WHERE updated_us > ? ORDER BY updated_us",
    savedUs,
  )) {
    const memory = byId.get(row.entity_id);
    if (memory === undefined || row.updated_us <= memory.updatedUs) continue;
    memory.state = row.state;
    memory.updatedUs = row.updated_us;
    memory.eventCount += 1;
    touched.add(memory);
  }

  return {
    of(entityId, nowMs) {
      let memory = byName.get(entityId);
      if (memory === undefined) {
        db.run("INSERT INTO entities (entity_id, domain, first_seen_ms) VALUES (?, ?, ?)", entityId, domainOf(entityId), nowMs);
        addHealth(db, "entities_total", 1);
        const row = db.get<{ id: number }>("SELECT id FROM entities WHERE entity_id = ?", entityId);
        memory = remember({ id: row!.id, entity_id: entityId, state: null, state_updated_us: null, event_count: 0 });
      }
      touched.add(memory);
      return memory;
    },
    all: () => byName.values(),
    save() {
      let newestUs = Number(getMetadata(db, "newest_saved_us") ?? 0);
      for (const memory of touched) {
        if (memory.state !== null) {
          db.run(
            "UPDATE entities SET state = ?, state_updated_us = ?, event_count = ? WHERE id = ?",
            memory.state,
            memory.updatedUs,
            memory.eventCount,
            memory.id,
          );
        }
        newestUs = Math.max(newestUs, memory.updatedUs);
      }
      const saved = touched.size;
      touched.clear();
      if (saved > 0) setMetadata(db, { newest_saved_us: String(newestUs) });
      return saved;
    },
  };
}

/** Forgets the index, so that the next use reads it again (after targets changed or a transaction that made entities was rolled back). */
export function forgetEntityIndex(db: Db): void {
  indexes.delete(db);
}

export function saveEntityStates(db: Db): number {
  return entityIndex(db).save();
}

/** Stores what the registries say. Entities that the registries no longer know keep their rows. */
export function putEntityFacts(db: Db, input: { readonly facts: readonly EntityFacts[]; readonly nowMs: number }): number {
  const index = entityIndex(db);
  let changed = 0;
  for (const facts of input.facts) {
    const { id } = index.of(facts.entityId, input.nowMs);
    changed += db.run(
      `UPDATE entities SET device_class = @deviceClass, unit = @unit, area = @area, name = @name, platform = @platform, kind = @kind
       WHERE id = @id AND (device_class, unit, area, name, platform, kind) IS NOT (@deviceClass, @unit, @area, @name, @platform, @kind)`,
      {
        id,
        deviceClass: facts.deviceClass,
        unit: facts.unit,
        area: facts.area,
        name: facts.name,
        platform: facts.platform,
        kind: facts.kind,
      },
    );
  }
  return changed;
}

export type KnownEntity = EntityFacts & { readonly id: number; readonly eventCount: number };

export function readEntities(db: Db): KnownEntity[] {
  return db
    .all<{
      id: number;
      entity_id: string;
      domain: string;
      device_class: string | null;
      unit: string | null;
      area: string | null;
      name: string | null;
      platform: string | null;
      kind: EntityFacts["kind"];
      event_count: number;
    }>("SELECT id, entity_id, domain, device_class, unit, area, name, platform, kind, event_count FROM entities ORDER BY entity_id")
    .map((row) => ({
      id: row.id,
      entityId: row.entity_id,
      domain: row.domain,
      deviceClass: row.device_class,
      unit: row.unit,
      area: row.area,
      name: row.name,
      platform: row.platform,
      kind: row.kind,
      eventCount: row.event_count,
    }));
}
