import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";

const PAUSE_MS = 10_000;

/** Does the work until it has worked or the signal ends it, with a pause after each failure. The same trouble is told once. */
export async function retry(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<void>,
  onTrouble: (error: unknown) => void,
): Promise<void> {
  let told = "";
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      if (reasonOf(error) !== told) onTrouble(error);
      told = reasonOf(error);
      await clock.sleepUntil(clock.nowMs() + PAUSE_MS, signal).catch(() => undefined);
    }
  }
}
