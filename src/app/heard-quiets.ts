import { z } from "zod";
import { DAY_MS } from "../core/time.ts";

/** How long a home is quiet, as it was heard: every change counts, whether it is stored or not. By day, of the last two weeks. */
export interface HeardQuiets {
  /** A change came after so long without one, on one connection. A quiet that ended otherwise is not told: it may have been a fault. */
  ended(quietMs: number, nowMs: number): void;
  /** The longest of them; null until two days have been heard. */
  longestMs(nowMs: number): number | null;
  /** To be kept for the next run. */
  text(): string;
}

const KEPT_DAYS = 14;
const KNOWN_AFTER_MS = 2 * DAY_MS;
const span = z.number().min(0);
const keptSchema = z.array(z.object({ day: z.int(), longestMs: span, heardMs: span }));

/** @param kept what `text` gave; what cannot be read is learned anew */
export function createHeardQuiets(kept: string | null): HeardQuiets {
  let days = read(kept);

  /** Days to come are those of a clock that was wrong. */
  function forget(today: number): void {
    days = days.filter(({ day }) => day > today - KEPT_DAYS && day <= today);
  }

  return {
    ended(quietMs, nowMs) {
      const today = Math.floor(nowMs / DAY_MS);
      const before = days.at(-1);
      if (before?.day === today) {
        before.longestMs = Math.max(before.longestMs, quietMs);
        before.heardMs += quietMs;
        return;
      }
      forget(today - 1);
      days.push({ day: today, longestMs: quietMs, heardMs: quietMs });
    },
    longestMs(nowMs) {
      forget(Math.floor(nowMs / DAY_MS));
      if (days.reduce((sum, { heardMs }) => sum + heardMs, 0) < KNOWN_AFTER_MS) return null;
      return Math.max(...days.map(({ longestMs }) => longestMs));
    },
    text: () => JSON.stringify(days),
  };
}

function read(kept: string | null): z.output<typeof keptSchema> {
  try {
    return keptSchema.parse(JSON.parse(kept ?? "[]"));
  } catch {
    return [];
  }
}
