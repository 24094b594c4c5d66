import type { Clock } from "../../core/clock.ts";
import { growingPauseMs } from "../../core/pauses.ts";

/** Between two tries to write what a job waits for. */
const PAUSES = { firstMs: 1000, longestMs: 60_000 };
const SAID_AGAIN_MS = 5 * 60_000;

/** What keeps a job from its work though it is due, as a full disk: tried again with growing pauses, and told once in a while. */
export interface HeldUp {
  isWaiting(): boolean;
  /** Notes a failed try. True = it is to be told: it is new, or the last word of it is long ago. */
  failed(error: unknown): boolean;
  over(): void;
}

export function createHeldUp(clock: Pick<Clock, "steadyMs">): HeldUp {
  let tries = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let told: { readonly words: string; readonly atMs: number } | null = null;
  return {
    isWaiting: () => clock.steadyMs() < untilMs,
    failed(error) {
      const [nowMs, words] = [clock.steadyMs(), String(error)];
      tries += 1;
      untilMs = nowMs + growingPauseMs(tries, PAUSES, 0.5);
      if (told !== null && told.words === words && nowMs - told.atMs < SAID_AGAIN_MS) return false;
      told = { words, atMs: nowMs };
      return true;
    },
    over() {
      tries = 0;
      untilMs = Number.NEGATIVE_INFINITY;
      told = null;
    },
  };
}
