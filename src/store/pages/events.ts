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
const WALKED_FILTERED = 25_000;
const WALKED_ALL = 10_000;

interface EventRow {
  readonly entityId: string;
  readonly state: string;
  readonly atUs: number;
  readonly source: number;
  readonly knownAtMs: number;
}

export function pageOfEvents(db: Db, query: EventQuery): EventPage {
  const { limit, offset, entities, areas, state } = query;
  const isOfSome = entities.length > 0 || areas.length > 0;
  const walk = walkBack(db, query.fromUs, query.toUs, isOfSome || state !== undefined ? WALKED_FILTERED : WALKED_ALL);
  const span = { fromUs: walk.fromUs, toUs: query.toUs, state };
  const { rows, total } = isOfSome
    ? eventsOfSome(db, span, idsOfEntities(db, entities, areas), { limit, offset })
    : eventsOfAll(db, span, { limit, offset });
  const items = rows.map((row) => ({ ...row, source: EVENT_SOURCES[row.source]! }));
  return { items, total, limit, offset, reachedUs: walk.isWhole ? null : walk.fromUs };
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
  readonly state: string | undefined;
}

const inSpan = ({ state }: Span): string =>
  `updated_us >= ? AND updated_us < ? AND source <> 4${state === undefined ? "" : " AND state = ?"}`;
const valuesOf = ({ fromUs, toUs, state }: Span): Parameter[] => [fromUs, toUs, ...(state === undefined ? [] : [state])];

const THEIRS = "entity_id IN (SELECT value FROM json_each(?))";

/** Few rows of the span are theirs, so one look at it finds and counts them all; what is shown of them is read in the part that holds the page. */
function eventsOfSome(db: Db, span: Span, ids: readonly number[], { limit, offset }: Paging) {
  const theirs = JSON.stringify(ids);
  const found = db
    .prepare(`SELECT updated_us FROM raw_events WHERE ${THEIRS} AND ${inSpan(span)} ORDER BY updated_us DESC, entity_id DESC`)
    .pluck(true)
    .all(theirs, ...valuesOf(span)) as number[];
  const [newestUs, oldestUs] = [found[offset], found[Math.min(offset + limit, found.length) - 1]];
  if (newestUs === undefined || oldestUs === undefined) return { rows: [], total: found.length };
  const before = offset - found.indexOf(newestUs);
  return { rows: eventRows(db, { ...span, fromUs: oldestUs, toUs: newestUs + 1 }, { limit, offset: before }, theirs), total: found.length };
}

function eventsOfAll(db: Db, span: Span, paging: Paging) {
  const sql = `SELECT count(*) AS total FROM raw_events WHERE ${inSpan(span)}`;
  return { rows: eventRows(db, span, paging, null), total: db.get<{ total: number }>(sql, ...valuesOf(span))!.total };
}

/** One part of a span's rows, the newest first. */
function eventRows(db: Db, span: Span, { limit, offset }: Paging, theirs: string | null): EventRow[] {
  return db.all<EventRow>(
    `SELECT e.entity_id AS entityId, r.state, r.updated_us AS atUs, r.source, coalesce(r.known_at_ms, r.updated_us / 1000) AS knownAtMs
     FROM (SELECT * FROM raw_events WHERE ${theirs === null ? "" : `${THEIRS} AND `}${inSpan(span)} ORDER BY updated_us DESC, entity_id DESC LIMIT ? OFFSET ?) AS r
     CROSS JOIN entities AS e ON e.id = r.entity_id`,
    ...(theirs === null ? [] : [theirs]),
    ...valuesOf(span),
    limit,
    offset,
  );
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
