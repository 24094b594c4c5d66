import { EVENT_SOURCES } from "../../core/events/event.ts";
import type { Db, Parameter } from "../db.ts";
import { idsOfEntities } from "./entities.ts";
import type { Page, Paging } from "./page.ts";

export interface EventQuery extends Paging {
  readonly fromUs: number;
  readonly toUs: number;
  readonly entities: readonly string[];
  readonly areas: readonly string[];
  readonly state?: string | undefined;
}

export interface EventItem {
  readonly entityId: string;
  readonly state: string;
  readonly atUs: number;
  readonly source: string;
  readonly knownAtMs: number;
}

/** Newest first. `total` counts from `reachedUs` on. */
export interface EventPage extends Page<EventItem> {
  /** The walk ended here, so as not to hold up others; ask again with this as the end of the range. Null = the whole range was looked at. */
  readonly reachedUs: number | null;
}

/** Rows that one answer walks over: some milliseconds. Time comes first in the table, so the rows of one entity lie among all others. */
const WALKED_FILTERED = 50_000;
const WALKED_ALL = 10_000;

export function pageOfEvents(db: Db, query: EventQuery): EventPage {
  const { limit, offset, entities, areas, state } = query;
  const isOfSome = entities.length > 0 || areas.length > 0;
  const most = isOfSome || state !== undefined ? WALKED_FILTERED : WALKED_ALL;
  const walk = walkBack(db, query.fromUs, query.toUs, most);
  const conditions: readonly [string, ...Parameter[]][] = [
    ["source <> 4"],
    ...(isOfSome
      ? [["entity_id IN (SELECT value FROM json_each(?))", JSON.stringify(idsOfEntities(db, entities, areas))] as [string, string]]
      : []),
    ...(state === undefined ? [] : [["state = ?", state] as [string, string]]),
  ];
  const filter = conditions.map(([sql]) => sql).join(" AND ");
  const values = conditions.flatMap(([, ...rest]) => rest);
  const range = [walk.fromUs, query.toUs] as const;
  const inRange = "raw_events WHERE updated_us >= ? AND updated_us < ?";
  const { total } = db.get<{ total: number }>(`SELECT count(*) AS total FROM ${inRange} AND ${filter}`, ...range, ...values)!;
  const rows = db.all<{ entityId: string; state: string; atUs: number; source: number; knownAtMs: number }>(
    `SELECT e.entity_id AS entityId, r.state, r.updated_us AS atUs, r.source, coalesce(r.known_at_ms, r.updated_us / 1000) AS knownAtMs
     FROM (SELECT * FROM ${inRange} AND ${filter} ORDER BY updated_us DESC, entity_id DESC LIMIT ? OFFSET ?) AS r CROSS JOIN entities AS e ON e.id = r.entity_id`,
    ...range,
    ...values,
    limit,
    offset,
  );
  const items = rows.map((row) => ({ ...row, source: EVENT_SOURCES[row.source]! }));
  return { items, total, limit, offset, reachedUs: walk.isWhole ? null : walk.fromUs };
}

/** Where a walk back from the end of a range over so many rows ends. */
export function walkBack(db: Db, fromUs: number, toUs: number, mostRows: number): { readonly fromUs: number; readonly isWhole: boolean } {
  const last = db.get<{ us: number }>(
    "SELECT updated_us AS us FROM raw_events WHERE updated_us >= ? AND updated_us < ? ORDER BY updated_us DESC, entity_id DESC LIMIT 1 OFFSET ?",
    fromUs,
    toUs,
    mostRows,
  );
  // The rows of that very instant may be cut in two, so the walk ends before them; unless there is no other instant at all.
  return last === undefined ? { fromUs, isWhole: true } : { fromUs: Math.min(last.us + 1, toUs - 1), isWhole: false };
}
