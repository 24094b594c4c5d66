import type { Worker } from "node:worker_threads";
import type { Clock } from "../../../core/clock.ts";
import { lowerPriority, NICE } from "../../threads/priority.ts";
import { type ThreadTimes, timesOf } from "../../threads/thread-times.ts";

const WATCH_MS = 1000;
/** An app whose thread does not come to rest for so long, although it works, is stopped. */
const STUCK_MS = 8000;
/** It works: it wants a processor for most of that time, and has had one for so long, be it on a busy machine and behind all others; ... */
const WANTING_SHARE = 0.8;
const WANTING_WORK_MS = 500;
/** ... or it has had one for so long, where the system does not tell what a thread wants. */
const STUCK_WORK_MS = 4000;
/** One that has worked for so long without coming to rest goes on behind all others, so that ingest and other apps keep their time. */
const HOGGING_MS = 500;
/** So much more work is usual while it starts: packages are read and compiled. */
const START_PATIENCE = 4;
/** One that does not work, but waits in its callback for something else, has longer. */
const SILENT_MS = 60_000;

export interface WatchParts {
  readonly worker: Worker;
  /** What the thread moves, and its id. */
  readonly beat: Int32Array;
  readonly clock: Clock;
  readonly isReady: () => boolean;
  readonly onStuck: (stillMs: number) => void;
}

/**
 * Lowers the priority of a thread that hogs a core, for as long as it lives. Calls back when the thread has not moved its beat for too long. Counted in
 * looks, so that a sleeping machine is no stuck app, and by what the thread did meanwhile, so that one that waits is none either.
 */
export function watchThread({ worker, beat, clock, isReady, onStuck }: WatchParts): () => void {
  let last = 0;
  let still = 0;
  let isBehind = false;
  const times = (): Promise<ThreadTimes> => timesOf(worker, Atomics.load(beat, 1));
  /** What the thread had done when its beat was seen to stand still. */
  let before: Promise<ThreadTimes> = Promise.resolve({ workedMs: 0, waitedMs: 0 });
  return clock.timer(WATCH_MS, () => {
    const now = Atomics.load(beat, 0);
    still = now === last ? still + 1 : 0;
    last = now;
    if (still === 1) before = times();
    if (still >= SILENT_MS / WATCH_MS) onStuck(still * WATCH_MS);
    else if (still >= 2) void judge(still, before);
  });

  async function judge(looks: number, from: Promise<ThreadTimes>): Promise<void> {
    const [then, now] = [await from, await times()];
    if (still < looks) return;
    const workedMs = now.workedMs - then.workedMs;
    const wantedMs = workedMs + now.waitedMs - then.waitedMs;
    const patience = isReady() ? 1 : START_PATIENCE;
    if (workedMs >= HOGGING_MS * patience && !isBehind) isBehind = lowerPriority(Atomics.load(beat, 1), NICE.last);
    if (looks < STUCK_MS / WATCH_MS) return;
    const isWanting = workedMs >= WANTING_WORK_MS * patience && wantedMs >= WANTING_SHARE * (looks - 1) * WATCH_MS;
    if (isWanting || workedMs >= STUCK_WORK_MS) onStuck(looks * WATCH_MS);
  }
}
