import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

/** Linux's nice value of a thread that computes for long, and of one that nothing else should ever wait for. */
export const NICE = { patient: 10, last: 19 } as const;

/** The system's id of the calling thread, or 0 where threads have no priority of their own. */
export function ownThreadId(): number {
  if (process.platform !== "linux") return 0;
  try {
    return Number(/\d+$/.exec(readlinkSync("/proc/thread-self"))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** Linux keeps a priority per thread; elsewhere it would be the whole process, so nothing is done. False = it may not be done here. */
export function lowerPriority(threadId: number, nice: number): boolean {
  if (process.platform !== "linux" || threadId === 0) return false;
  try {
    setPriority(threadId, nice);
    return true;
  } catch {
    // A container may forbid it: then the thread is as important as the others.
    return false;
  }
}
