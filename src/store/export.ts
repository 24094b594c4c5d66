import { csvLine } from "../core/contracts/csv-line.ts";
import { isoMs } from "../core/time.ts";
import type { Db, Row } from "./db.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportPlan {
  readonly view: string;
  readonly format: ExportFormat;
  readonly columns: readonly string[];
  /** The column that a range is about; undefined where there is none. */
  readonly instant: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** An event by its identity: those behind it come next. */
export interface EventCursor {
  readonly us: number;
  readonly id: number;
}

/** The beginning of an export. `after` null = that was all. */
export interface ExportStart {
  readonly text: string;
  readonly after: EventCursor | null;
}

/** Rows whose text is handed out at once. */
const ROWS_PER_CHUNK = 500;

/** Whether a view is read in pages of its own, so that its export may begin in one thread and go on in another. */
export function isPaged({ view }: ExportPlan): boolean {
  return view === "vw_raw_events";
}

/** The first page of a view that is read in pages. */
export function startExport(db: Db, plan: ExportPlan): ExportStart {
  const { value: page } = eventPages(db, plan, null).next();
  const head = headOf(plan);
  return page ? { text: head + textOf(page.rows, plan), after: page.after } : { text: head, after: null };
}

/**
 * The rows of a view as text, piece by piece. Events, of which there are millions, are read in pages of their own: between two pieces no
 * read transaction keeps the log from shrinking, however slowly they are taken.
 * @param after goes on behind the beginning that `startExport` gave
 */
export function* exportText(db: Db, plan: ExportPlan, after: EventCursor | null = null): Generator<string> {
  if (after === null && plan.format === "csv") yield headOf(plan);
  if (isPaged(plan)) for (const { rows } of eventPages(db, plan, after)) yield textOf(rows, plan);
  else for (const rows of viewRows(db, plan)) yield textOf(rows, plan);
}

function headOf({ format, columns }: ExportPlan): string {
  return format === "csv" ? csvLine(columns) : "";
}

function textOf(rows: readonly Row[], { format, columns }: ExportPlan): string {
  return rows.map((row) => (format === "csv" ? csvLine(columns.map((column) => row[column])) : `${JSON.stringify(row)}\n`)).join("");
}

function* viewRows(db: Db, { view, instant, fromMs, toMs }: ExportPlan): Generator<Row[]> {
  const bounds = [
    ...(fromMs === undefined ? [] : [{ sql: `${instant} >= ?`, value: isoMs(fromMs) }]),
    ...(toMs === undefined ? [] : [{ sql: `${instant} < ?`, value: isoMs(toMs) }]),
  ];
  const filter = bounds.length === 0 ? "" : ` WHERE ${bounds.map(({ sql }) => sql).join(" AND ")}`;
  let rows: Row[] = [];
  for (const row of db.prepare(`SELECT * FROM ${view}${filter}`).iterate(...bounds.map(({ value }) => value))) {
    rows.push(row as Row);
    if (rows.length < ROWS_PER_CHUNK) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** As vw_raw_events says them. */
const EVENT_COLUMNS = `e.entity_id AS entity_id, r.state AS state, strftime('%Y-%m-%dT%H:%M:%fZ', r.updated_us / 1000 / 1000.0, 'unixepoch') AS occurred_at_utc,
  strftime('%Y-%m-%dT%H:%M:%S', r.updated_us / 1000000, 'unixepoch') || printf('.%06dZ', r.updated_us % 1000000) AS updated_at_utc,
  CASE r.source WHEN 0 THEN 'live' WHEN 1 THEN 'history' WHEN 2 THEN 'statistics' WHEN 3 THEN 'replay' END AS source,
  strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(r.known_at_ms, r.updated_us / 1000) / 1000.0, 'unixepoch') AS known_at_utc,
  CASE WHEN r.updated_us / 1000 > r.known_at_ms + 30000 THEN 1 ELSE 0 END AS from_future`;

const EVENTS = `
SELECT r.updated_us AS us, r.entity_id AS id, ${EVENT_COLUMNS} FROM (
  SELECT * FROM raw_events WHERE (updated_us, entity_id) > (?, ?) AND updated_us < ? AND source <> 4 ORDER BY updated_us, entity_id LIMIT ${ROWS_PER_CHUNK}
) AS r CROSS JOIN entities AS e ON e.id = r.entity_id`;

function* eventPages(
  db: Db,
  { fromMs, toMs }: ExportPlan,
  from: EventCursor | null,
): Generator<{ readonly rows: readonly Row[]; readonly after: EventCursor }> {
  const page = db.prepare(EVENTS);
  const toUs = toMs === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(toMs * 1000);
  const first = { us: fromMs === undefined ? Number.MIN_SAFE_INTEGER : Math.ceil(fromMs * 1000) - 1, id: Number.MAX_SAFE_INTEGER };
  for (let after = from ?? first; ; ) {
    const rows = page.all(after.us, after.id, toUs) as (Row & EventCursor)[];
    const last = rows.at(-1);
    if (last === undefined) return;
    after = { us: last.us, id: last.id };
    yield { rows: rows.map(({ us: _, id: __, ...row }) => row), after };
  }
}
