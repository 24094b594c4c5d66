import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";
import type { HistoryPage, HistoryRequest, HomePort } from "./ports.ts";

export interface Span {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Ask for the state that held at `fromMs` too. */
  readonly withStartState?: boolean;
}

export interface Fetcher {
  /** Fetches the span oldest first, in chunks; each page is handed over, in order, before the span counts as fetched. */
  fetch(span: Span, onPage: (page: HistoryPage) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** One small question, in its turn. */
  ask(request: HistoryRequest, signal: AbortSignal): Promise<HistoryPage>;
}

interface Answered {
  readonly page: HistoryPage;
  readonly toMs: number;
}

export const MAX_ENTITIES = 50;
const MAX_CHUNK_MS = 6 * HOUR_MS;
const MIN_CHUNK_MS = MINUTE_MS;
/** About 300 KB of JSON: parsed in a few ms, read by the recorder in tens. */
const ROWS_WANTED = 5_000;
/** Until an entity's own rate is known: busier than nearly all, so that the first chunk is a short one. */
const FIRST_GUESS_ROWS_PER_HOUR = 600;
/** Expectations fall by no more than this a chunk: a quiet night says little about the morning. */
const SLOWEST_DECAY = 4;
const MAX_TRIES = 6;

/**
 * Reads the recorder without starving Home Assistant: one request at a time for all callers, chunks of at most 50 entities and 6 hours sized
 * by the rows expected, pauses that grow with the time an answer took (none while it answers at once).
 */
export function createFetcher(home: Pick<HomePort, "history">, clock: Clock): Fetcher {
  let turn: Promise<unknown> = Promise.resolve();
  const rowsPerHour = new Map<string, number>();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }

  async function request(wanted: HistoryRequest, signal: AbortSignal): Promise<HistoryPage> {
    signal.throwIfAborted();
    const startedMs = clock.nowMs();
    const page = await home.history(wanted);
    const tookMs = clock.nowMs() - startedMs;
    await clock.sleepUntil(clock.nowMs() + politePauseMs(tookMs), signal);
    return page;
  }

  /** Tries until it is answered; `onFailure` may make the next try smaller. */
  async function patiently(next: () => HistoryRequest, onFailure: () => void, signal: AbortSignal): Promise<Answered> {
    for (let tries = 1; ; tries += 1) {
      const wanted = next();
      try {
        return { page: await inTurn(() => request(wanted, signal)), toMs: wanted.toMs };
      } catch (error) {
        signal.throwIfAborted();
        if (tries >= MAX_TRIES) throw error;
        onFailure();
        await clock.sleepUntil(clock.nowMs() + 1_000 * 2 ** tries, signal);
      }
    }
  }

  function expectedPerHour(entityIds: readonly string[]): number {
    return entityIds.reduce((sum, entityId) => sum + (rowsPerHour.get(entityId) ?? FIRST_GUESS_ROWS_PER_HOUR), 0);
  }

  /** The group is one question, so what it answered is spread evenly over its entities. */
  function learn(entityIds: readonly string[], totalPerHour: number): void {
    for (const entityId of entityIds) rowsPerHour.set(entityId, totalPerHour / entityIds.length);
  }

  async function fetchGroup(span: Span, onPage: (page: HistoryPage) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { entityIds } = span;
    for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
      const start = fromMs;
      const withStartState = span.withStartState === true && start === span.fromMs;
      const next = (): HistoryRequest => {
        const chunkMs = Math.floor((ROWS_WANTED / expectedPerHour(entityIds)) * HOUR_MS);
        const toMs = Math.min(span.toMs, start + Math.min(MAX_CHUNK_MS, Math.max(MIN_CHUNK_MS, chunkMs)));
        return { entityIds, fromMs: start, toMs, withStartState };
      };
      const { page, toMs } = await patiently(next, () => learn(entityIds, expectedPerHour(entityIds) * SLOWEST_DECAY), signal);
      const perHour = page.rows / ((toMs - start) / HOUR_MS);
      learn(entityIds, Math.max(perHour, expectedPerHour(entityIds) / SLOWEST_DECAY));
      await onPage(page);
      fromMs = toMs;
    }
  }

  return {
    async fetch(span, onPage, signal) {
      const fromMs = Math.floor(span.fromMs);
      const toMs = Math.ceil(span.toMs);
      for (let i = 0; i < span.entityIds.length; i += MAX_ENTITIES) {
        await fetchGroup({ ...span, entityIds: span.entityIds.slice(i, i + MAX_ENTITIES), fromMs, toMs }, onPage, signal);
      }
    },
    async ask(wanted, signal) {
      const { page } = await patiently(
        () => wanted,
        () => undefined,
        signal,
      );
      return page;
    },
  };
}

/** Home Assistant's own work comes first: after an answer that took long we stay away for longer than it took. */
function politePauseMs(tookMs: number): number {
  if (tookMs < 50) return 0;
  return tookMs < 1_000 ? tookMs / 2 : Math.min(tookMs * 2, 30_000);
}
