import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";
import { createPatience } from "./patience.ts";
import type { HistoryPage, HistoryRequest, HomePort } from "./ports.ts";
import { createRates } from "./rates.ts";

export interface Span {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Ask for the state that held at `fromMs` too. */
  readonly withStartState?: boolean;
  /** The newest chunk first; each group of entities from the newest to the oldest before the next group. */
  readonly isBackward?: boolean;
}

/** What a page answers: [fromMs, toMs) of these entities. */
export type Chunk = Pick<HistoryRequest, "entityIds" | "fromMs" | "toMs">;

export interface Fetcher {
  /** Fetches the span in chunks; each page is handed over, in order, before the next one is asked for. */
  fetch(span: Span, onPage: (page: HistoryPage, chunk: Chunk) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** One small question, in its turn. */
  ask(request: HistoryRequest, signal: AbortSignal): Promise<HistoryPage>;
  /** Any other question, in the same line, with the same pauses and patience. */
  polite<T>(question: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export const MAX_ENTITIES = 50;
const MAX_CHUNK_MS = 6 * HOUR_MS;
const MIN_CHUNK_MS = MINUTE_MS;
/** About 300 KB of JSON: parsed in a few ms, read by the recorder in tens. */
const ROWS_WANTED = 5_000;

/**
 * Reads the recorder without starving Home Assistant: one request at a time for all callers, chunks of at most 50 entities and 6 hours sized
 * by the rows expected, busy entities together, so that they do not make chunks of quiet ones short.
 */
export function createFetcher(home: Pick<HomePort, "history">, clock: Clock): Fetcher {
  const patience = createPatience(clock);
  const rates = createRates();

  async function fetchGroup(span: Span, onPage: (page: HistoryPage, chunk: Chunk) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { entityIds, isBackward = false } = span;
    for (let { fromMs, toMs } = span; fromMs < toMs; ) {
      const next = (): HistoryRequest => {
        const wantedMs = Math.floor((ROWS_WANTED / rates.perHour(entityIds)) * HOUR_MS);
        const chunkMs = Math.min(MAX_CHUNK_MS, Math.max(MIN_CHUNK_MS, wantedMs), toMs - fromMs);
        const chunkFromMs = isBackward ? toMs - chunkMs : fromMs;
        const withStartState = span.withStartState === true && chunkFromMs === span.fromMs;
        return { entityIds, fromMs: chunkFromMs, toMs: chunkFromMs + chunkMs, withStartState };
      };
      let wanted = next();
      const page = await patience.ask(
        () => {
          wanted = next();
          return home.history(wanted);
        },
        () => rates.expectMore(entityIds),
        signal,
      );
      rates.learn(wanted, page);
      await onPage(page, wanted);
      if (isBackward) toMs = wanted.fromMs;
      else fromMs = wanted.toMs;
    }
  }

  return {
    async fetch(span, onPage, signal) {
      const fromMs = Math.floor(span.fromMs);
      const toMs = Math.ceil(span.toMs);
      const entityIds = rates.busiestFirst(span.entityIds);
      for (let i = 0; i < entityIds.length; i += MAX_ENTITIES) {
        await fetchGroup({ ...span, entityIds: entityIds.slice(i, i + MAX_ENTITIES), fromMs, toMs }, onPage, signal);
      }
    },
    ask: (wanted, signal) =>
      patience.ask(
        () => home.history(wanted),
        () => undefined,
        signal,
      ),
    polite: (question, signal) => patience.ask(question, () => undefined, signal),
  };
}
