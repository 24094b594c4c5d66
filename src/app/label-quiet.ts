import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";

const HELPER_QUIET_MS = MINUTE_MS + 1000;

/** Waits until the label helpers have been quiet for a minute, then has the labels read; where that fails, again a minute later. */
export interface LabelQuiet {
  /** A helper was touched. */
  touched(): void;
  /** Helpers may have been touched unseen. */
  lookNow(): void;
  /** Called when it is quiet; answers when to look again, or null. */
  onQuiet(callback: () => Promise<number | null>): void;
  /** Resolves when nothing is under way; ends soon once the signal is aborted. */
  settled(): Promise<void>;
}

export function waitForQuiet(clock: Clock, signal: AbortSignal, flush: () => Promise<void>, report: (error: unknown) => void): LabelQuiet {
  const callbacks: (() => Promise<number | null>)[] = [];
  let settling: Promise<void> | null = null;
  let settlesAtMs = 0;
  /** Since the last reading began. */
  let isWanted = false;

  function lookAt(atMs: number): void {
    settlesAtMs = Math.max(settlesAtMs, atMs);
    isWanted = true;
    settling ??= settle();
  }

  async function settle(): Promise<void> {
    do {
      try {
        await readWhenQuiet();
      } catch (error) {
        report(error);
        settlesAtMs = clock.nowMs() + HELPER_QUIET_MS;
      }
    } while (!signal.aborted && (isWanted || clock.nowMs() < settlesAtMs));
    settling = null;
  }

  async function readWhenQuiet(): Promise<void> {
    while (clock.nowMs() < settlesAtMs) {
      // A clock that was set back must not keep labels waiting for hours.
      settlesAtMs = Math.min(settlesAtMs, clock.nowMs() + HELPER_QUIET_MS);
      await clock.sleepUntil(settlesAtMs, signal);
    }
    isWanted = false;
    await flush();
    for (const callback of callbacks) {
      const againAtMs = await callback();
      // Helpers may have been touched meanwhile.
      settlesAtMs = Math.max(settlesAtMs, againAtMs ?? 0);
    }
  }

  return {
    touched: () => lookAt(clock.nowMs() + HELPER_QUIET_MS),
    lookNow: () => lookAt(clock.nowMs()),
    onQuiet: (callback) => void callbacks.push(callback),
    settled: async () => void (await settling),
  };
}
