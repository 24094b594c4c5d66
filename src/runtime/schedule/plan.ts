import type { MissedPolicy } from "./job.ts";

/** A run that nobody saw fall due for this long counts as missed: the app looks at least once a minute. */
const ON_TIME_MS = 60_000;

export interface Plan {
  readonly run: readonly number[];
  readonly missed: readonly number[];
}

/** Whether a run begins when it should, as against being made up for. */
export function isOnTime(dueAtMs: number, nowMs: number): boolean {
  return nowMs - dueAtMs <= ON_TIME_MS;
}

/** Which of the due times (oldest first) are run. All but the newest were missed, and so was the newest when it is long ago. */
export function planRuns(policy: MissedPolicy, due: readonly number[], nowMs: number): Plan {
  const newest = due.at(-1);
  if (newest === undefined || policy === "each") return { run: due, missed: [] };
  const older = due.slice(0, -1);
  return policy === "once" || isOnTime(newest, nowMs) ? { run: [newest], missed: older } : { run: [], missed: due };
}
