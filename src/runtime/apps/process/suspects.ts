import type { Held } from "../app-lane.ts";

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** So long after its pause without another end it is as any other app. */
const FORGOTTEN_AFTER_MS = 600_000;

/** Apps that were at work when the process of all ended: each such end costs all others a start, so they come back later, and each time later still. */
export interface Suspects {
  /**
   * @param savedMs when something in the folder was saved last
   * @returns what the next process has to hold back
   */
  ended(atWork: readonly string[], words: string, nowMs: number, savedMs: number): readonly Held[];
}

export function createSuspects(): Suspects {
  const known = new Map<string, { readonly pauseMs: number; readonly savedMs: number; readonly untilMs: number; readonly words: string }>();
  return {
    ended(atWork, words, nowMs, savedMs) {
      for (const [app, { untilMs }] of known) if (nowMs - untilMs > FORGOTTEN_AFTER_MS) known.delete(app);
      for (const app of atWork) {
        const pauseMs = Math.min(LONGEST_PAUSE_MS, (known.get(app)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2);
        known.set(app, { pauseMs, savedMs, untilMs: nowMs + pauseMs, words });
      }
      // Who is held already stays so when another one ends the process.
      return [...known]
        .filter(([, { untilMs }]) => untilMs > nowMs)
        .map(([app, suspect]) => ({ app, words: suspect.words, forMs: suspect.untilMs - nowMs, savedMs: suspect.savedMs }));
    },
  };
}
