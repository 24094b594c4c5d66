import { contractColumns } from "../core/contracts/contract.ts";
import { csvLine } from "../core/contracts/csv-line.ts";
import type { ContractName } from "../core/contracts/rows.ts";
import { isoMs } from "../core/time.ts";
import type { Db, Row } from "./db.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportRequest {
  readonly view: ContractName;
  readonly format: ExportFormat;
  /** Of the view's first column of instants. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Rows whose text is handed out at once. */
const ROWS_PER_CHUNK = 500;

/** The column by which the rows of a view are asked for; undefined where it has no instants. */
export function instantColumn(view: ContractName): string | undefined {
  return contractColumns(view).find((column) => column.endsWith("_utc"));
}

/**
 * The rows of a view as text, piece by piece. Events, of which there are millions, are read in pages of their own: between two pieces no
 * read transaction keeps the log from shrinking, however slowly they are taken.
 * @throws RangeError when the view has no instants to ask by.
 */
export function* exportText(db: Db, request: ExportRequest): Generator<string> {
  const columns = contractColumns(request.view);
  if (request.format === "csv") yield csvLine(columns);
  for (const rows of request.view === "vw_raw_events" ? eventRows(db, request) : viewRows(db, request)) {
    yield rows
      .map((row) => (request.format === "csv" ? csvLine(columns.map((column) => row[column])) : `${JSON.stringify(row)}\n`))
      .join("");
  }
}

function* viewRows(db: Db, { view, fromMs, toMs }: ExportRequest): Generator<Row[]> {
  const instant = instantColumn(view);
  if (instant === undefined && (fromMs !== undefined || toMs !== undefined)) {
    throw new RangeError(`${view} has no column of instants, so a range means nothing for it. Leave it out.`);
  }
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

function* eventRows(db: Db, { fromMs, toMs }: ExportRequest): Generator<Row[]> {
  const page = db.prepare(EVENTS);
  const toUs = toMs === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(toMs * 1000);
  let after = { us: fromMs === undefined ? Number.MIN_SAFE_INTEGER : Math.ceil(fromMs * 1000) - 1, id: Number.MAX_SAFE_INTEGER };
  for (;;) {
    const rows = page.all(after.us, after.id, toUs) as (Row & { us: number; id: number })[];
    const last = rows.at(-1);
    if (last === undefined) return;
    after = { us: last.us, id: last.id };
    yield rows.map(({ us: _, id: __, ...row }) => row);
  }
}
