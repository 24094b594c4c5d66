import { z } from "zod";
import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";

export interface RunOverview {
  readonly job: string;
  readonly dueAtUtc: string;
  readonly startedAtUtc: string | null;
  readonly finishedAtUtc: string | null;
  readonly status: string;
  readonly rows: number | null;
  readonly error: string | null;
}

/** What comes next of a job, and how its last run went. */
export interface JobOverview {
  readonly job: string;
  /** Null when nothing is planned: the app is down, or the job is over. */
  readonly nextDueAtUtc: string | null;
  readonly lastRun: RunOverview | null;
}

const planSchema = z.array(z.object({ job: z.string(), dueAtMs: z.number().nullable() }));

/** @param plan what the running app noted of its schedules; null when it does not run */
export function readJobs(db: Db, plan: unknown): JobOverview[] {
  const planned = planSchema.safeParse(plan).data ?? [];
  const last = readLastRuns(db);
  return [...new Set([...planned, ...last].map((each) => each.job))].map((job) => {
    const dueAtMs = planned.find((each) => each.job === job)?.dueAtMs ?? null;
    return { job, nextDueAtUtc: dueAtMs === null ? null : isoMs(dueAtMs), lastRun: last.find((each) => each.job === job) ?? null };
  });
}

/** The newest run of each job that was begun: what was missed or skipped is none. Steps from job to job through the index, which a plain GROUP BY would not. */
export function readLastRuns(db: Db): RunOverview[] {
  const jobs = db.all<{ job: string }>(
    `WITH RECURSIVE jobs (job) AS (
       SELECT min(job) FROM schedule_runs
       UNION ALL SELECT (SELECT min(job) FROM schedule_runs WHERE job > jobs.job) FROM jobs WHERE job IS NOT NULL
     ) SELECT job FROM jobs WHERE job IS NOT NULL`,
  );
  return jobs.flatMap(({ job }) => {
    const run = db.get<{
      dueMs: number;
      startMs: number;
      endMs: number | null;
      status: string;
      rows: number | null;
      error: string | null;
    }>(
      `SELECT due_at_ms AS dueMs, started_at_ms AS startMs, finished_at_ms AS endMs, status, rows, error FROM schedule_runs
       WHERE job = ? AND started_at_ms IS NOT NULL ORDER BY due_at_ms DESC LIMIT 1`,
      job,
    );
    if (run === undefined) return [];
    const { dueMs, startMs, endMs, status, rows, error } = run;
    const finishedAtUtc = endMs === null ? null : isoMs(endMs);
    return [{ job, dueAtUtc: isoMs(dueMs), startedAtUtc: isoMs(startMs), finishedAtUtc, status, rows, error }];
  });
}
