import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../src/core/clock.ts";

/** Real waiting, `factor` times as fast: a minute at 60 takes a second. */
export function createFastClock(factor: number, startMs = Date.now()): Clock {
  const began = performance.now();
  const nowMs = (): number => startMs + (performance.now() - began) * factor;
  return {
    nowMs,
    steadyMs: nowMs,
    async sleepUntil(atMs, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const leftMs = (atMs - nowMs()) / factor;
        if (leftMs <= 0) return;
        await pause(leftMs, undefined, signal ? { signal } : {});
      }
    },
    timer(periodMs, callback) {
      const handle = setInterval(callback, periodMs / factor);
      return () => clearInterval(handle);
    },
  };
}

/** A clock that jumps to whatever instant somebody sleeps until. Timers fire only by `tick`. */
export interface LeapingClock extends Clock {
  advance(byMs: number): void;
  tick(): void;
}

export function createLeapingClock(startMs: number): LeapingClock {
  let now = startMs;
  const timers = new Set<() => void>();
  return {
    nowMs: () => now,
    steadyMs: () => now,
    async sleepUntil(atMs, signal) {
      signal?.throwIfAborted();
      now = Math.max(now, atMs);
    },
    timer(_periodMs, callback) {
      timers.add(callback);
      return () => timers.delete(callback);
    },
    advance(byMs) {
      now += byMs;
    },
    tick() {
      for (const callback of timers) callback();
    },
  };
}
