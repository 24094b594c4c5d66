/** When something is due. */
export interface Cadence {
  /** The first due time strictly after an instant, or null when there is none. Pure: the same instant, the same answer. */
  next(afterMs: number): number | null;
  /** It means times of the local day, so that another zone has other instants for the same runs. */
  readonly followsWallClock: boolean;
}

const FIRST_LOOK_MS = 86_400_000;

/**
 * Every due time in (fromMs, toMs], oldest first; at most `limit`, the newest ones. Pure: the same arguments, the same answer. A span of years
 * is not walked through for a few hundred: it is looked back at in growing steps.
 */
export function dueTimes(cadence: Cadence, fromMs: number, toMs: number, limit = Number.POSITIVE_INFINITY): number[] {
  for (let lookMs = FIRST_LOOK_MS; ; lookMs *= 4) {
    const beginMs = limit === Number.POSITIVE_INFINITY ? fromMs : Math.max(fromMs, toMs - lookMs);
    const due: number[] = [];
    for (let at = cadence.next(beginMs); at !== null && at <= toMs; at = cadence.next(at)) due.push(at);
    if (beginMs === fromMs || due.length >= limit) return due.slice(-limit);
  }
}
