import { DAY_MS } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { forgetKnown } from "./schedule-runs.ts";

/** Receipts older than this go, but the newest of each job, ... */
const KEPT_DAYS = 90;
/** ... and of a job that runs every second no more than so many stay. */
const MOST_OF_A_JOB = 30_000;
/** A job that has had no run for so long is forgotten, its newest receipt too. */
const FORGOTTEN_DAYS = 3 * 365;
/** Due times no further apart than this are one span; further apart each is a span of its own, so that nothing is settled that never was due. */
const JOINED_MS = 2 * DAY_MS;
const ROWS_PER_STEP = 500;
const SLICE_MS = 10;

export interface ReceiptTrim {
  readonly nowMs: number;
  /** The last job that was done with; "" at the beginning. */
  readonly afterJob: string;
  readonly sliceMs?: number;
}

/**
 * Deletes one slice of the receipts that are too old or too many, job by job. Their due times are remembered as spans, so that none is run
 * again when the clock is set back. `next` = the job to go on behind; null = all are done.
 */
export function trimReceipts(db: Db, input: ReceiptTrim): { readonly deleted: number; readonly next: string | null } {
  const untilMs = performance.now() + (input.sliceMs ?? SLICE_MS);
  let { afterJob } = input;
  let deleted = 0;
  do {
    const job = db.get<{ job: string | null }>("SELECT min(job) AS job FROM schedule_runs WHERE job > ?", afterJob)?.job ?? null;
    if (job === null) {
      forgetKnown(db, input.nowMs - FORGOTTEN_DAYS * DAY_MS);
      return { deleted, next: null };
    }
    const step = trimJob(db, job, input.nowMs);
    deleted += step;
    if (step < ROWS_PER_STEP) afterJob = job;
  } while (performance.now() < untilMs);
  return { deleted, next: afterJob };
}

interface Row {
  readonly id: number;
  readonly dueAtMs: number;
  readonly status: string;
}

function trimJob(db: Db, job: string, nowMs: number): number {
  const newestMs = newestDue(db, job, "");
  if (newestMs === null || newestMs < nowMs - FORGOTTEN_DAYS * DAY_MS) return forget(db, job);
  // By it a start knows what is still due; one from the future settles nothing before its time.
  const settledMs = newestDue(db, job, "AND status NOT IN ('running', 'interrupted') AND due_at_ms <= ?", nowMs);
  if (settledMs === null) return 0;
  const crowdedMs = db.get<{ ms: number }>(
    "SELECT due_at_ms AS ms FROM schedule_runs WHERE job = ? ORDER BY due_at_ms DESC LIMIT 1 OFFSET ?",
    job,
    MOST_OF_A_JOB - 1,
  )?.ms;
  const limitMs = Math.max(nowMs - KEPT_DAYS * DAY_MS, crowdedMs ?? Number.MIN_SAFE_INTEGER);
  const rows = db.all<Row>(
    `SELECT id, due_at_ms AS dueAtMs, status FROM schedule_runs WHERE job = ? AND due_at_ms < ? AND due_at_ms IS NOT ?
     ORDER BY due_at_ms LIMIT ${ROWS_PER_STEP}`,
    job,
    Math.min(limitMs, settledMs),
    // The page shows how a job's last run went, however long ago.
    newestDue(db, job, "AND started_at_ms IS NOT NULL"),
  );
  for (const { id } of rows) db.run("DELETE FROM schedule_runs WHERE id = ?", id);
  remember(db, job, rows);
  return rows.length;
}

function newestDue(db: Db, job: string, condition: string, ...parameters: number[]): number | null {
  const sql = `SELECT due_at_ms AS ms FROM schedule_runs WHERE job = ? ${condition} ORDER BY due_at_ms DESC LIMIT 1`;
  return db.get<{ ms: number }>(sql, job, ...parameters)?.ms ?? null;
}

/** What was missed or cut off may still have its run, when the clock that said so was wrong: it settles nothing. */
function remember(db: Db, job: string, rows: readonly Row[]): void {
  for (const { dueAtMs, status } of rows) {
    if (status === "missed" || status === "interrupted") continue;
    const joined = db.run(
      `UPDATE trimmed_receipts SET to_ms = max(to_ms, @dueAtMs) WHERE job = @job AND from_ms =
         (SELECT max(from_ms) FROM trimmed_receipts WHERE job = @job AND from_ms <= @dueAtMs) AND to_ms >= @dueAtMs - ${JOINED_MS}`,
      { job, dueAtMs },
    );
    if (joined === 0) db.run("INSERT INTO trimmed_receipts (job, from_ms, to_ms) VALUES (?, ?, ?)", job, dueAtMs, dueAtMs);
  }
}

function forget(db: Db, job: string): number {
  const deleted = db.run(`DELETE FROM schedule_runs WHERE id IN (SELECT id FROM schedule_runs WHERE job = ? LIMIT ${ROWS_PER_STEP})`, job);
  if (deleted < ROWS_PER_STEP) db.run("DELETE FROM trimmed_receipts WHERE job = ?", job);
  return deleted;
}
