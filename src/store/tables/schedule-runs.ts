import type { Db } from "../db.ts";

export type ReceiptStatus = "running" | "completed" | "failed" | "skipped" | "missed" | "cancelled";

export interface Receipt {
  readonly job: string;
  readonly dueAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  readonly status: ReceiptStatus;
  readonly rows: number | null;
  readonly error: string | null;
}

/** Writes or completes the receipt of one due run. */
export function putReceipt(db: Db, receipt: Receipt): number {
  return db.run(
    `INSERT INTO schedule_runs (job, due_at_ms, started_at_ms, finished_at_ms, status, rows, error) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (job, due_at_ms) DO UPDATE SET started_at_ms = excluded.started_at_ms, finished_at_ms = excluded.finished_at_ms, status = excluded.status,
       rows = excluded.rows, error = excluded.error`,
    receipt.job,
    receipt.dueAtMs,
    receipt.startedAtMs,
    receipt.finishedAtMs,
    receipt.status,
    receipt.rows,
    receipt.error,
  );
}

/** The newest due time of each job that is settled: a run that was cut off is due still. */
export function lastDueTimes(db: Db): Map<string, number> {
  return new Map(
    db
      .all<{ job: string; dueAtMs: number }>(
        "SELECT job, MAX(due_at_ms) AS dueAtMs FROM schedule_runs WHERE status <> 'cancelled' GROUP BY job",
      )
      .map((row) => [row.job, row.dueAtMs]),
  );
}
