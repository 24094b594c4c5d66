import type { Db } from "../db.ts";
import { type Listing, type Page, type Paging, pageOf, partOf, type Range, touching, utc, when, within } from "./page.ts";

export interface GapQuery extends Paging, Range {
  readonly outcome?: string | undefined;
}

export interface GapItem {
  readonly id: number;
  readonly entityId: string | null;
  readonly fromUtc: string;
  readonly toUtc: string;
  readonly reason: string;
  readonly outcome: string;
  readonly why: string | null;
  readonly entitiesUnfilled: number;
}

/** Spans in which nobody listened, the latest first. */
export function pageOfGaps(db: Db, query: GapQuery): Page<GapItem> {
  return pageOf(
    db,
    {
      columns: `g.id AS id, (SELECT entity_id FROM entities AS e WHERE e.id = g.entity_id) AS entityId, ${utc("g.from_ms")} AS fromUtc, ${utc("g.to_ms")} AS toUtc,
        g.reason AS reason, g.outcome AS outcome, g.why AS why, g.entities_unfilled AS entitiesUnfilled`,
      from: "gaps AS g",
      order: "g.from_ms DESC, g.id",
      where: [when(query.outcome, (value) => ["g.outcome = ?", value]), ...touching("g.from_ms", "g.to_ms", query)],
    },
    query,
  );
}

export interface ReceiptQuery extends Paging, Range {
  readonly job?: string | undefined;
  readonly status?: string | undefined;
}

export interface ReceiptItem {
  readonly id: number;
  readonly job: string;
  readonly dueAtUtc: string;
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  readonly status: string;
  readonly rows: number | null;
  readonly error: string | null;
}

/** Receipts of due runs, the latest first. */
export function pageOfReceipts(db: Db, query: ReceiptQuery): Page<ReceiptItem> {
  return pageOf(db, receiptsOf(query), query);
}

/** So many of the latest. */
export function newestReceipts(db: Db, limit: number): ReceiptItem[] {
  const paging = { limit, offset: 0 };
  return partOf(db, receiptsOf(paging), paging);
}

function receiptsOf(query: ReceiptQuery): Listing {
  return {
    columns: `id, job, ${utc("due_at_ms")} AS dueAtUtc, ${utc("started_at_ms")} AS startedAtUtc, ${utc("finished_at_ms")} AS finishedAtUtc, status, rows, error`,
    // Left to itself SQLite sorts every receipt: it has no statistics, and does not weigh the limit.
    from: query.job === undefined ? "schedule_runs INDEXED BY schedule_runs_by_due" : "schedule_runs",
    order: "due_at_ms DESC, job DESC",
    where: [
      when(query.job, (value) => ["job = ?", value]),
      when(query.status, (value) => ["status = ?", value]),
      ...within("due_at_ms", query),
    ],
  };
}
