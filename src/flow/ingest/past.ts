import type { Clock } from "../../core/clock.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { type BackfillProgress, backfill } from "./backfill.ts";
import { OVERLAP_MS } from "./differences.ts";
import type { Fetcher } from "./fetcher.ts";
import type { HistoryPage, HomePort, HomeState, StorePort } from "./ports.ts";
import { COMMIT_DELAY_MS, refill } from "./refill.ts";
import { backfillStatistics } from "./statistics.ts";

export interface PastOptions {
  readonly fetcher: Fetcher;
  readonly home: Pick<HomePort, "statisticIds" | "statistics">;
  readonly store: StorePort;
  readonly clock: Clock;
  readonly isChosen: (entityId: string) => boolean;
  /** Events and hourly means: furthest back. */
  readonly days: number;
  readonly statisticsDays: number;
  readonly onProgress: (progress: BackfillProgress) => void;
  readonly onTrouble: (step: string, error: unknown) => void;
}

export interface Past {
  /**
   * Fetches what is missing of the pasts of these entities: events, then hourly means. One run at a time; can be cut off and called again.
   * @throws what the home or the store rejected with; the signal's reason when aborted
   */
  fetch(states: readonly HomeState[], signal: AbortSignal): Promise<BackfillProgress>;
  /** The same for entities that are chosen while live changes flow already, with a second look at what the recorder committed late. */
  fetchNew(states: readonly HomeState[], signal: AbortSignal): Promise<BackfillProgress>;
}

const TAIL_MS = 3 * MINUTE_MS;

export function createPast(options: PastOptions): Past {
  const { fetcher, home, store, clock, isChosen } = options;
  let turn: Promise<unknown> = Promise.resolve();
  /** Of absences that are noted, and that a failure may have left. */
  let hasUnfilled = false;

  const keep = async (page: HistoryPage): Promise<void> => {
    if (page.events.length > 0) await store.write(page.events);
  };

  /** Entities that options left out for a time: nobody listened to them then. */
  async function fillAbsences(states: readonly HomeState[], signal: AbortSignal): Promise<void> {
    const present = new Set(states.map((state) => state.entityId));
    const pasts = await store.pasts();
    const left = pasts.filter((past) => past.leftAtMs === null && !isChosen(past.entityId)).map((past) => past.entityId);
    const returned = pasts.filter((past) => past.leftAtMs !== null && present.has(past.entityId)).map((past) => past.entityId);
    if (left.length + returned.length > 0) await store.noteChosen({ left, returned });
    hasUnfilled ||= returned.length > 0;
    if (!hasUnfilled) return;
    const gaps = (await store.openGaps()).filter((gap) => gap.reason === "newly chosen");
    for (const settled of await refill({ fetcher, clock }, gaps, [...present], keep, signal)) await store.settleGap(settled);
    hasUnfilled = false;
  }

  async function fetch(states: readonly HomeState[], signal: AbortSignal): Promise<BackfillProgress> {
    const nowMs = clock.nowMs();
    await fillAbsences(states, signal);
    const entityIds = states.map((state) => state.entityId);
    const ports = { fetcher, clock, store, home, onProgress: options.onProgress };
    const events = await backfill(ports, { entityIds, listeningSinceMs: nowMs, days: options.days }, signal);
    try {
      await backfillStatistics(ports, { states, nowMs, days: options.statisticsDays }, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Means of a time before all events are worth little: nobody waits for them. They are asked for again at the next connection.
      options.onTrouble("fetch long-term statistics", error);
    }
    return events;
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }

  return {
    fetch: (states, signal) => inTurn(() => fetch(states, signal)),
    async fetchNew(states, signal) {
      const chosenAtMs = Math.ceil(clock.nowMs());
      const progress = await inTurn(() => fetch(states, signal));
      await clock.sleepUntil(chosenAtMs + COMMIT_DELAY_MS, signal);
      const entityIds = states.map((state) => state.entityId);
      await fetcher.fetch({ entityIds, fromMs: chosenAtMs - TAIL_MS, toMs: chosenAtMs + OVERLAP_MS }, keep, signal);
      return progress;
    },
  };
}
