import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";

/**
 * `skipped`: left out, because the run before went on or the home moved; `missed`: due while nobody was there, and not made up for;
 * `cancelled`: took longer than its limit; `interrupted`: cut off by a stop or a kill.
 */
export type ReceiptStatus = "running" | "completed" | "failed" | "skipped" | "missed" | "cancelled" | "interrupted";

export interface Receipt {
  readonly job: string;
  readonly dueAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly status: ReceiptStatus;
  readonly rows: number | null;
  readonly error: string | null;
}

/** A due time whose receipt was deleted for its age is as settled as one that has it. */
const NOT_TRIMMED = "NOT EXISTS (SELECT 1 FROM trimmed_receipts AS t WHERE t.job = @job AND @dueAtMs BETWEEN t.from_ms AND t.to_ms)";

/**
 * Notes that a due run begins, unless it has been settled already. Answers how often it has been begun now; 0 means that it must not run.
 * This is why nothing runs twice, whatever the clock does.
 */
export function beginRun(db: Db, run: Pick<Receipt, "job" | "dueAtMs"> & { readonly startedAtMs: number }): number {
  const begun = db.get<{ attempts: number }>(
    `INSERT INTO schedule_runs (job, due_at_ms, started_at_ms, status, attempts) SELECT @job, @dueAtMs, @startedAtMs, 'running', 1 WHERE ${NOT_TRIMMED}
     ON CONFLICT (job, due_at_ms) DO UPDATE SET started_at_ms = excluded.started_at_ms, finished_at_ms = NULL, status = 'running', rows = NULL,
       error = NULL, attempts = attempts + 1 WHERE status IN ('interrupted', 'missed')
     RETURNING attempts`,
    { job: run.job, dueAtMs: run.dueAtMs, startedAtMs: run.startedAtMs },
  );
  return begun?.attempts ?? 0;
}

/** Writes or completes the receipt of one due run. A run that has ended is not cut off any more. */
export function putReceipt(db: Db, receipt: Receipt): number {
  return db.run(
    `INSERT INTO schedule_runs (job, due_at_ms, started_at_ms, finished_at_ms, status, rows, error, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (job, due_at_ms) DO UPDATE SET started_at_ms = excluded.started_at_ms, finished_at_ms = excluded.finished_at_ms, status = excluded.status,
       rows = excluded.rows, error = excluded.error WHERE excluded.status <> 'interrupted' OR status = 'running'`,
    receipt.job,
    receipt.dueAtMs,
    receipt.startedAtMs,
    receipt.finishedAtMs,
    receipt.status,
    receipt.rows,
    receipt.error,
    Number(receipt.startedAtMs !== null),
  );
}

/** Receipts of runs that will not be made; one that has a receipt keeps it. */
export function noteRuns(db: Db, receipts: readonly Pick<Receipt, "job" | "dueAtMs" | "status" | "error">[]): void {
  for (const { job, dueAtMs, status, error } of receipts) {
    db.run(
      `INSERT OR IGNORE INTO schedule_runs (job, due_at_ms, status, error) SELECT @job, @dueAtMs, @status, @error WHERE ${NOT_TRIMMED}`,
      { job, dueAtMs, status, error },
    );
  }
}

/** What the receipts say of a job when the app starts. */
export interface Ledger {
  /** The newest due time that is settled; null when there is none. */
  readonly settledToMs: number | null;
  /** Where nothing is settled: from when on the job is due; without it from its start on. */
  readonly sinceMs?: number | undefined;
  /** Runs after it that were cut off, oldest first. */
  readonly cutOff: readonly { readonly dueAtMs: number; readonly attempts: number }[];
}

/** Receipts from the future, written before a clock was set back, settle nothing before their time. */
export function readLedgers(db: Db, { jobs, nowMs }: { readonly jobs: readonly string[]; readonly nowMs: number }): Map<string, Ledger> {
  return new Map(
    jobs.map((job) => {
      const settled = db.get<{ dueAtMs: number }>(
        `SELECT due_at_ms AS dueAtMs FROM schedule_runs WHERE job = ? AND due_at_ms <= ? AND status NOT IN ('running', 'interrupted')
         ORDER BY due_at_ms DESC LIMIT 1`,
        job,
        nowMs,
      );
      const cutOff = db.all<{ dueAtMs: number; attempts: number }>(
        `SELECT due_at_ms AS dueAtMs, attempts FROM schedule_runs WHERE job = ? AND due_at_ms > ? AND due_at_ms <= ? AND status = 'interrupted'
         ORDER BY due_at_ms`,
        job,
        settled?.dueAtMs ?? Number.MIN_SAFE_INTEGER,
        nowMs,
      );
      return [job, { settledToMs: settled?.dueAtMs ?? null, cutOff }];
    }),
  );
}

/** Before the name of a job, in the metadata. */
export const KNOWN_SINCE = "known_since:";

/** When a schedule was first asked for: now, where it is new. Until it has a receipt a start knows by this alone what it missed. */
export function noteKnown(db: Db, { job, nowMs }: { readonly job: string; readonly nowMs: number }): number {
  const noted = db.get<{ since: string }>(
    // One from the future was noted before a clock was set back.
    `INSERT INTO metadata (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = min(value, excluded.value) RETURNING value AS since`,
    `${KNOWN_SINCE}${job}`,
    isoMs(nowMs),
  );
  return Date.parse(noted!.since);
}

/** What has a receipt by now, or was asked for so long ago that nobody means it any more. */
export function forgetKnown(db: Db, beforeMs: number): number {
  return db.run(
    `DELETE FROM metadata WHERE key GLOB '${KNOWN_SINCE}*'
     AND (value < ? OR EXISTS (SELECT 1 FROM schedule_runs WHERE job = substr(key, ${KNOWN_SINCE.length + 1})))`,
    isoMs(beforeMs),
  );
}

/** A nightly backup holds the receipt of the very run that made it, which goes on in there for ever. The backup is there, so that run was completed. */
export function settleBackupRun(db: Db, madeAtMs: number): number {
  return db.run(
    "UPDATE schedule_runs SET status = 'completed', rows = 0, finished_at_ms = ? WHERE job = 'backup' AND status = 'running'",
    madeAtMs,
  );
}

/** Runs that nobody goes on with were cut off: asked at a start, before anything is due. */
export function closeCutOffRuns(db: Db, nowMs: number): number {
  return db.run(
    "UPDATE schedule_runs SET status = 'interrupted', error = ?, finished_at_ms = ? WHERE status = 'running'",
    "the app ended while this run was going on",
    nowMs,
  );
}
