import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../src/core/clock.ts";

export interface MovableClock extends Clock {
  /** Somebody sets the clock: it jumps by this. */
  jump(byMs: number): void;
}

const NOTICED_AFTER_MS = 1_000;

/** The system's time and `offsetMs`; whoever waits waits `faster` times shorter, so that minutes of patience take seconds. */
export function createMovableClock(offsetMs: number, faster: number): MovableClock {
  let offset = offsetMs;
  const nowMs = (): number => Date.now() + offset;
  return {
    nowMs,
    steadyMs: () => performance.now() * faster,
    async sleepUntil(atMs, signal) {
      signal?.throwIfAborted();
      let leftMs = (atMs - nowMs()) / faster;
      while (leftMs > 0 && atMs > nowMs()) {
        const now = Math.min(leftMs, NOTICED_AFTER_MS);
        await pause(now, undefined, signal ? { signal } : {}).catch((error: unknown) => {
          throw signal?.reason ?? error;
        });
        leftMs -= now;
      }
    },
    timer(periodMs, callback) {
      const handle = setInterval(callback, periodMs / faster);
      return () => clearInterval(handle);
    },
    jump(byMs) {
      offset += byMs;
    },
  };
}
