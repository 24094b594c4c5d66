import type { Db } from "../db.ts";
import { holding, mapPage, type Page, type Paging, pageOf, utc, when } from "./page.ts";

export interface EntityQuery extends Paging {
  readonly words?: string | undefined;
  readonly domain?: string | undefined;
  readonly area?: string | undefined;
  readonly isPresent?: boolean | undefined;
}

export interface EntityItem {
  readonly entityId: string;
  readonly name: string | null;
  readonly domain: string;
  readonly area: string | null;
  readonly deviceClass: string | null;
  readonly unit: string | null;
  readonly kind: string | null;
  readonly attribute: string | null;
  /** As of the last save, at most some minutes ago. */
  readonly state: string | null;
  readonly stateAtUtc: string | null;
  readonly eventCount: number;
  readonly firstSeenUtc: string;
  readonly isPresent: boolean;
}

export function pageOfEntities(db: Db, query: EntityQuery): Page<EntityItem> {
  const page = pageOf<Omit<EntityItem, "isPresent"> & { readonly isPresent: number }>(
    db,
    {
      columns: `entity_id AS entityId, name, domain, area, device_class AS deviceClass, unit, kind, attribute, state, ${utc("state_updated_us / 1000")} AS stateAtUtc,
        event_count AS eventCount, ${utc("first_seen_ms")} AS firstSeenUtc, removed_at_ms IS NULL AS isPresent`,
      from: "entities",
      order: "entity_id",
      where: [
        when(query.words, (words) => holding(["entity_id", "name"], words)),
        when(query.domain, (domain) => ["domain = ?", domain]),
        when(query.area, (area) => ["area = ?", area]),
        when(query.isPresent, (isPresent) => [`removed_at_ms IS ${isPresent ? "" : "NOT "}NULL`]),
      ],
    },
    query,
  );
  return mapPage(page, (item) => ({ ...item, isPresent: item.isPresent === 1 }));
}

/** Row ids of entities by their names and of all in the given areas. */
export function idsOfEntities(db: Db, names: readonly string[], areas: readonly string[]): number[] {
  return db
    .all<{ id: number }>(
      `SELECT id FROM entities WHERE entity_id IN (SELECT value FROM json_each(?)) OR area IN (SELECT value FROM json_each(?)) ORDER BY entity_id`,
      JSON.stringify(names),
      JSON.stringify(areas),
    )
    .map(({ id }) => id);
}
