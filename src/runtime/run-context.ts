import { AsyncLocalStorage } from "node:async_hooks";
import { isoMs } from "../core/time.ts";

/** Which run of a job something is done for, whatever is waited for meanwhile: so that each line logged for it can say so. */
const runs = new AsyncLocalStorage<string | undefined>();

/** `train@2026-11-21T11:10:00.000Z`: job and due time, as its receipt has them; `#2` where it is begun for the second time. */
export function runIdOf(job: string, dueAtMs: number, attempt = 1): string {
  return `${job}@${isoMs(dueAtMs)}${attempt === 1 ? "" : `#${attempt}`}`;
}

export function withinRun<T>(runId: string, work: () => T): T {
  return runs.run(runId, work);
}

/** For what outlives the run that it is begun in, and serves others. */
export function outsideRuns<T>(work: () => T): T {
  return runs.run(undefined, work);
}

export function currentRunId(): string | undefined {
  return runs.getStore();
}
