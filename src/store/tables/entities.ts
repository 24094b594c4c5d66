import type { EntityFacts } from "../../core/events/entity.ts";
import type { Db } from "../db.ts";
import { entityIndex } from "./entity-index.ts";
import { type Renamed, renameEntities } from "./renames.ts";

export interface FactsInput {
  readonly facts: readonly EntityFacts[];
  readonly nowMs: number;
  /** Renames that Home Assistant told, in their order. Others are found by its own ids. */
  readonly told?: readonly Renamed[];
  /** The facts name every entity that the home has: a stored one that is not among them is gone. */
  readonly isComplete?: boolean;
}

interface FactsRow {
  readonly id: number;
  readonly entityId: string;
  readonly deviceClass: string | null;
  readonly unit: string | null;
  readonly area: string | null;
  readonly name: string | null;
  readonly platform: string | null;
  readonly kind: EntityFacts["kind"];
  readonly registryId: string | null;
  readonly derivedFrom: number | null;
  readonly attribute: string | null;
  readonly isGone: number;
}

const FACTS_COLUMNS = `id, entity_id AS entityId, device_class AS deviceClass, unit, area, name, platform, kind, registry_id AS registryId,
  derived_from AS derivedFrom, attribute`;

/**
 * Stores what the registries say. An entity that Home Assistant renamed keeps its row, and with it its past, under the new name.
 * Entities that the registries no longer know keep their rows, too.
 */
export function putEntityFacts(db: Db, input: FactsInput): { readonly changed: number; readonly renamed: readonly Renamed[] } {
  const { facts, nowMs, isComplete = false } = input;
  const renamed = renameEntities(db, facts, input.told ?? [], nowMs);
  const index = entityIndex(db);
  for (const { entityId } of facts) index.of(entityId, nowMs);
  const rows = new Map(
    db
      .all<FactsRow>(`SELECT ${FACTS_COLUMNS}, removed_at_ms IS NOT NULL AND state IS NOT '' AS isGone FROM entities`)
      .map((row) => [row.entityId, row]),
  );
  let changed = 0;
  for (const each of facts) {
    const row = rows.get(each.entityId)!;
    const now = {
      deviceClass: each.deviceClass,
      unit: each.unit,
      area: each.area,
      name: each.name,
      platform: each.platform,
      // An attribute without a value just now is still of the kind that it was.
      kind: each.kind ?? (each.attribute == null ? null : row.kind),
      registryId: each.registryId ?? row.registryId,
      derivedFrom: each.derivedFrom == null ? null : index.of(each.derivedFrom, nowMs).id,
      attribute: each.attribute ?? null,
    };
    if (row.isGone === 0 && (Object.keys(now) as (keyof typeof now)[]).every((key) => now[key] === row[key])) continue;
    changed += db.run(
      `UPDATE entities SET device_class = @deviceClass, unit = @unit, area = @area, name = @name, platform = @platform, kind = @kind,
         registry_id = @registryId, derived_from = @derivedFrom, attribute = @attribute,
         removed_at_ms = CASE WHEN state = '' THEN removed_at_ms END
       WHERE id = @id`,
      { id: row.id, ...now },
    );
  }
  if (isComplete) {
    const present = new Set(facts.map((each) => each.entityId));
    for (const row of rows.values()) {
      if (!present.has(row.entityId)) {
        db.run("UPDATE entities SET removed_at_ms = ? WHERE id = ? AND removed_at_ms IS NULL", Math.floor(nowMs), row.id);
      }
    }
  }
  return { changed, renamed };
}

/** `formerIds`: names that it had before and that nobody else has now. */
export type KnownEntity = EntityFacts & { readonly id: number; readonly eventCount: number; readonly formerIds: readonly string[] };

export function readEntities(db: Db): KnownEntity[] {
  const formerIds = Map.groupBy(
    db.all<{ entityId: string; id: number }>(
      "SELECT entity_id AS entityId, id FROM former_names WHERE entity_id NOT IN (SELECT entity_id FROM entities) ORDER BY entity_id",
    ),
    ({ id }) => id,
  );
  const rows = db.all<FactsRow & { domain: string; eventCount: number }>(
    `SELECT ${FACTS_COLUMNS}, domain, event_count AS eventCount FROM entities ORDER BY entity_id`,
  );
  const nameOf = new Map(rows.map(({ id, entityId }) => [id, entityId]));
  return rows.map((row) => ({
    id: row.id,
    entityId: row.entityId,
    domain: row.domain,
    deviceClass: row.deviceClass,
    unit: row.unit,
    area: row.area,
    name: row.name,
    platform: row.platform,
    kind: row.kind,
    registryId: row.registryId,
    derivedFrom: row.derivedFrom === null ? null : (nameOf.get(row.derivedFrom) ?? null),
    attribute: row.attribute,
    eventCount: row.eventCount,
    formerIds: formerIds.get(row.id)?.map(({ entityId }) => entityId) ?? [],
  }));
}

/** The names that entities have now which had one of these before and left it to nobody. */
export function currentNames(db: Db, formerIds: readonly string[]): string[] {
  return db
    .all<{ entityId: string }>(
      `SELECT e.entity_id AS entityId FROM former_names f JOIN entities e ON e.id = f.id
       WHERE f.entity_id IN (SELECT value FROM json_each(?)) AND f.entity_id NOT IN (SELECT entity_id FROM entities)`,
      JSON.stringify(formerIds),
    )
    .map(({ entityId }) => entityId);
}
