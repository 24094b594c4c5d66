import { existsSync } from "node:fs";
import { DAY_MS } from "../../core/time.ts";
import { type Db, openForReading } from "../db.ts";
import { KNOWN_SINCE, noteRuns } from "./schedule-runs.ts";

/** A run may end, and its receipt change, long after it was due: so far before a backup receipts are looked at anew. */
const OVERLAP_MS = DAY_MS;
const OF_AN_APP = "app:*";
const KNOWN_OF_AN_APP = `${KNOWN_SINCE}${OF_AN_APP}`;

interface Row {
  readonly job: string;
  readonly [column: string]: string | number | null;
}

/** What the user's own apps have done by schedules with a name. A restore takes rows back, but not lights that were switched. */
export interface AppRuns {
  readonly receipts: readonly Row[];
  readonly trimmed: readonly Row[];
  readonly known: readonly { readonly key: string; readonly value: string }[];
}

/** Of a file that is about to be overwritten by an older one, of the time after `backupMs` (null = not known). Null where it cannot be read. */
export function appRunsOf(path: string, backupMs: number | null): AppRuns | null {
  if (!existsSync(path)) return null;
  try {
    const db = openForReading(path);
    try {
      return {
        receipts: db.all<Row>(
          `SELECT job, due_at_ms AS dueAtMs, started_at_ms AS startedAtMs, finished_at_ms AS finishedAtMs, status, rows, error, attempts
           FROM schedule_runs WHERE job GLOB '${OF_AN_APP}' AND due_at_ms >= ? ORDER BY id`,
          backupMs === null ? Number.MIN_SAFE_INTEGER : backupMs - OVERLAP_MS,
        ),
        trimmed: db.all<Row>(`SELECT job, from_ms AS fromMs, to_ms AS toMs FROM trimmed_receipts WHERE job GLOB '${OF_AN_APP}'`),
        known: db.all<{ key: string; value: string }>(`SELECT key, value FROM metadata WHERE key GLOB '${KNOWN_OF_AN_APP}'`),
      };
    } finally {
      db.close();
    }
  } catch {
    // Why it cannot be read is told by whoever found it damaged.
    return null;
  }
}

/** Of the same time: where both have a receipt, the second one's counts. Null where the second is not known: the first may be of a backup then. */
export function joinedRuns(first: AppRuns | null, second: AppRuns | null): AppRuns | null {
  if (first === null || second === null) return second;
  return {
    receipts: [...first.receipts, ...second.receipts],
    trimmed: [...first.trimmed, ...second.trimmed],
    known: [...second.known, ...first.known],
  };
}

/**
 * What apps did stays done after a restore. Where nobody knows what they did (null), nothing that was due before is made up for: a gate that stays
 * shut is better than one that opens again.
 */
export function takeOverAppRuns(db: Db, runs: AppRuns | null, nowMs: number): void {
  if (runs === null) {
    settleAppRuns(db, nowMs);
    return;
  }
  for (const receipt of runs.receipts)
    db.run(
      `INSERT OR REPLACE INTO schedule_runs (job, due_at_ms, started_at_ms, finished_at_ms, status, rows, error, attempts)
       VALUES (@job, @dueAtMs, @startedAtMs, @finishedAtMs, @status, @rows, @error, @attempts)`,
      receipt,
    );
  for (const span of runs.trimmed)
    db.run("INSERT OR REPLACE INTO trimmed_receipts (job, from_ms, to_ms) VALUES (@job, @fromMs, @toMs)", span);
  for (const entry of runs.known) db.run("INSERT OR IGNORE INTO metadata (key, value) VALUES (@key, @value)", entry);
}

function settleAppRuns(db: Db, nowMs: number): void {
  const jobs = db.all<{ job: string }>(
    `SELECT job FROM schedule_runs WHERE job GLOB '${OF_AN_APP}'
     UNION SELECT substr(key, ${KNOWN_SINCE.length + 1}) FROM metadata WHERE key GLOB '${KNOWN_OF_AN_APP}'`,
  );
  const error = "the database was restored: whether the runs before ran is not known, so none of them is made up for";
  noteRuns(
    db,
    jobs.map(({ job }) => ({ job, dueAtMs: Math.floor(nowMs), status: "skipped", error })),
  );
}
