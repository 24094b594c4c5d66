import { readFileSync } from "node:fs";
import type { Worker } from "node:worker_threads";

/** What a thread has done since its start. */
export interface ThreadTimes {
  readonly workedMs: number;
  /** It could have worked, but others had the processors. 0 where the system does not tell. */
  readonly waitedMs: number;
}

/** @param threadId the system's id of the worker's thread, 0 = not known */
export async function timesOf(worker: Worker, threadId: number): Promise<ThreadTimes> {
  return timesByLinux(threadId) ?? timesByNode(worker);
}

function timesByLinux(threadId: number): ThreadTimes | null {
  if (threadId === 0) return null;
  try {
    const [worked, waited] = readFileSync(`/proc/self/task/${threadId}/schedstat`, "utf8").split(" ").map(Number) as [number, number];
    return { workedMs: worked / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return null; // it has ended, or this kernel keeps no such counts
  }
}

async function timesByNode(worker: Worker): Promise<ThreadTimes> {
  try {
    const { user, system } = await worker.cpuUsage();
    return { workedMs: (user + system) / 1000, waitedMs: 0 };
  } catch {
    return { workedMs: 0, waitedMs: 0 }; // it has ended meanwhile, which is told elsewhere
  }
}
