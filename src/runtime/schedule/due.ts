import { Cron } from "croner";
import { validate } from "node-cron";

/** A parsed cron text in a zone. */
export interface Cadence {
  /** The first due time strictly after an instant, or null when there is none. */
  next(afterMs: number): number | null;
}

/** @throws RangeError when the text is no cron expression. */
export function parseCadence(expression: string, timeZone: string): Cadence {
  if (!validate(expression)) throw new RangeError(`${JSON.stringify(expression)} is not a cron expression like "*/5 * * * *"`);
  const cron = new Cron(expression, { timezone: timeZone, paused: true });
  return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() ?? null };
}

/** Every due time in (fromMs, toMs], oldest first; at most `limit`, the newest ones. Pure: the same arguments, the same answer. */
export function dueTimes(cadence: Cadence, fromMs: number, toMs: number, limit = Number.POSITIVE_INFINITY): number[] {
  const due: number[] = [];
  for (let at = cadence.next(fromMs); at !== null && at <= toMs; at = cadence.next(at)) {
    due.push(at);
    if (due.length > limit) due.shift();
  }
  return due;
}
