import { schedule } from "node-cron";
import type { Clock, ClockParameters } from "../../core/clock.ts";

const OWN_TICK_MS = 1000;
const MINUTE_MS = 60_000;

export interface Wake {
  /** The next due time may be another now. */
  again(): void;
  end(): void;
}

/**
 * Calls `tick` when something may be due: node-cron once a minute on the system's clock, and a timer where the next due time comes
 * before. A clock that runs beside the system's wakes by its own timer alone, since its minutes begin elsewhere.
 */
export function wakeWhenDue(parts: {
  readonly parameters: ClockParameters;
  readonly clock: Clock;
  readonly tick: () => void;
  readonly nextDueMs: () => number | null;
}): Wake {
  const { parameters, clock, nextDueMs } = parts;
  let sleep: AbortController | null = null;

  function tick(): void {
    parts.tick();
    again();
  }

  function again(): void {
    sleep?.abort();
    const dueMs = nextDueMs();
    if (dueMs === null || dueMs > clock.nowMs() + MINUTE_MS) return;
    const mine = new AbortController();
    sleep = mine;
    // Rejects only when another sleep takes its place.
    void clock.sleepUntil(dueMs, mine.signal).then(tick, () => undefined);
  }

  const isSystems = parameters.kind === "system" && parameters.offsetMs === 0 && parameters.pace === undefined;
  const task = isSystems ? schedule("* * * * *", tick, { timezone: "UTC" }) : null;
  // Steady: node-cron waits out a clock that is set back, and by its reading (Date's local hour) the hour that comes twice in autumn, too.
  const stopTimer = clock.timer(isSystems ? MINUTE_MS : OWN_TICK_MS, tick);
  again();
  return {
    again,
    end() {
      sleep?.abort();
      stopTimer();
      void task?.destroy();
    },
  };
}
