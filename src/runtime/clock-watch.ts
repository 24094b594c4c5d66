import type { Clock } from "../core/clock.ts";
import { CLOCK_TOLERANCE_MS } from "../core/events/event.ts";

/** What the clock said at two moments `WATCH_MS` apart. */
export interface ClockJump {
  readonly fromMs: number;
  readonly toMs: number;
  /** What is too much or, below zero, too little. */
  readonly byMs: number;
}

const WATCH_MS = 10_000;

/** Calls back when the clock was set, or the machine slept: timers keep their own time, so between two of them the clock must move evenly. */
export function watchClock(clock: Clock, onJump: (jump: ClockJump) => void, periodMs = WATCH_MS): () => void {
  let lastMs = clock.nowMs();
  return clock.timer(periodMs, () => {
    const fromMs = lastMs;
    const toMs = clock.nowMs();
    lastMs = toMs;
    const byMs = toMs - fromMs - periodMs;
    if (Math.abs(byMs) > CLOCK_TOLERANCE_MS) onJump({ fromMs, toMs, byMs });
  });
}
