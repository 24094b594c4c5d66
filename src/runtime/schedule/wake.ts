import { schedule } from "node-cron";
import type { Clock, ClockParameters } from "../../core/clock.ts";

const OWN_TICK_MS = 1000;

/**
 * Calls `tick` whenever something may be due: node-cron wakes once a minute on the system's clock; a clock that runs beside it wakes by
 * its own timer, since its minutes begin elsewhere. Returns the function that ends it.
 */
export function wakeEveryMinute(parameters: ClockParameters, clock: Clock, tick: () => void): () => void {
  if (parameters.kind !== "system" || parameters.offsetMs !== 0 || parameters.pace !== undefined) return clock.timer(OWN_TICK_MS, tick);
  const task = schedule("* * * * *", tick);
  return () => {
    void task.destroy();
  };
}
