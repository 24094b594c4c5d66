import type { Clock } from "../../core/clock.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { type BackfillProgress, backfill } from "./backfill.ts";
import { type Choice, createChoice } from "./choice.ts";
import { everyoneOf } from "./differences.ts";
import { createFetcher } from "./fetcher.ts";
import { createLive, type LiveCounts } from "./live.ts";
import type { Gap, HomePort, StorePort } from "./ports.ts";
import { close, refill } from "./refill.ts";
import { type RepairReport, repair } from "./repair.ts";
import type { SpillPort } from "./spill.ts";

export interface IngestOptions {
  readonly home: HomePort;
  readonly store: StorePort;
  readonly clock: Clock;
  readonly choice: Choice;
  readonly backfillDays: number;
  /** Until when the run before this one is known to have listened; null where there was none. */
  readonly heardUntilMs?: number | null;
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** The recorder's past is stored, as far as it reaches; called once per connection. */
  readonly onBackfilled?: (progress: BackfillProgress) => void;
  readonly onRepaired?: (report: RepairReport) => void;
  /** A step failed and is tried again; for the log and the degraded markers. */
  readonly onTrouble?: (step: string, error: unknown) => void;
  /** What was dropped for want of room has been fetched. */
  readonly onRefilled?: () => void;
  /** Where events wait on disk when memory is full or writing fails. */
  readonly spill?: SpillPort;
  readonly batchSize?: number;
  readonly batchMs?: number;
  readonly maxHeld?: number;
}

export interface IngestStatus {
  /** Listening to live changes right now. */
  readonly isListening: boolean;
  readonly isRepairing: boolean;
  /** Null until a back-fill ran in this process. */
  readonly backfill: (BackfillProgress & { readonly isComplete: boolean }) | null;
  readonly lastRepair: RepairReport | null;
  readonly live: LiveCounts;
}

export interface Ingest {
  /** Call at every `connected` of the home: subscribes, repairs, back-fills. Returns at once. */
  connected(): void;
  /** Call when the connection is gone. */
  disconnected(): void;
  status(): IngestStatus;
  /** Resolves when everything accepted so far is stored, or could not be. */
  flush(): Promise<void>;
  /** Fetches a span of the recorder's past once more. Resolves to the rows that were new. @throws when there is no connection. */
  fetch(fromMs: number, toMs: number): Promise<number>;
  /** Writes what is held and ends everything. */
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/** Events of the home into the store, none lost: what is missed by the live subscription is fetched from the recorder, now or later. */
export function createIngest(options: IngestOptions): Ingest {
  const { home, store, clock, choice } = options;
  const isChosen = createChoice(choice);
  const helpers = new Set(choice.always);
  const fetcher = createFetcher(home, clock);
  const status = { isListening: false, isRepairing: false };
  let progress: IngestStatus["backfill"] = null;
  let lastRepair: RepairReport | null = null;
  let hasListened = false;
  let hasDropped = false;
  let connection = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const trouble = (step: string, error: unknown): void => options.onTrouble?.(step, error);
  const live = createLive({
    ...options,
    write: store.write,
    isChosen,
    isHelper: (entityId) => helpers.has(entityId),
    onWriteFailed: (error) => trouble("write", error),
    onDropped({ fromUs, toUs }) {
      hasDropped = true;
      const span = { fromMs: Math.floor(fromUs / 1000), toMs: Math.ceil(toUs / 1000) };
      const gap: Gap = { entityId: null, ...span, reason: "writer behind", outcome: "open" };
      store.noteGap(gap).catch((error: unknown) => trouble("note a gap", error));
    },
  });

  /** Tries until it works, with growing pauses; ends only with the connection. */
  async function persist<T>(step: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        trouble(step, error);
        await clock.sleepUntil(clock.nowMs() + Math.min(1_000 * 2 ** tries, LONGEST_PAUSE_MS), signal);
      }
    }
  }

  async function listen(signal: AbortSignal): Promise<void> {
    // What the run before left on the disk is newer than all that is stored, and what is missing is looked for behind it.
    if (!hasListened) await persist("store what waited on the disk", signal, () => unlessAborted(live.drained(), signal));
    // In this order: rows of the new subscription would hide in `newest` what was missed before them.
    const newest = await persist("read the newest rows", signal, store.newestStored);
    const openGaps = await persist("read open gaps", signal, store.openGaps);
    const gap = gapBefore(newest);
    // Not waited for: the writer works in order, and the subscription must not wait for the disk.
    const noted = gap === null ? null : persist("note a gap", signal, () => store.noteGap(gap));
    noted?.catch(() => undefined);
    await persist("subscribe", signal, () => home.subscribe(live.accept));
    const listeningSinceMs = clock.nowMs();
    status.isListening = true;
    hasListened = true;
    const states = (await persist("read states", signal, home.states)).filter((state) => isChosen(state.entityId));
    await noted;

    const known = new Map([...newest].filter(([entityId]) => isChosen(entityId)));
    const finished = gap && { ...gap, toMs: Math.max(gap.toMs, listeningSinceMs) };
    const input = { states, newest: known, listeningSinceMs, gap: finished, openGaps };
    const entityIds = states.map((state) => state.entityId);
    // Settled, not all: after a stop nothing of either may still be writing.
    await Promise.allSettled([
      persist("repair", signal, () => runRepair(input, signal)),
      persist("back-fill", signal, () => runBackfill({ entityIds, listeningSinceMs, days: options.backfillDays }, signal)),
    ]);
    for (;;) {
      await clock.sleepUntil(clock.nowMs() + MINUTE_MS, signal);
      if (hasDropped) await persist("fetch what was dropped", signal, () => refillDropped(signal));
    }
  }

  /**
   * Begins with the last event that came, in Home Assistant's own time: frames that waited when it ended the connection are older than now.
   * At the first connection the run before counts: it listened until its last sign of life, less what it may not have committed.
   */
  function gapBefore(newest: ReadonlyMap<string, number>): Gap | null {
    const newestUs = live.newestUs() ?? [...newest.values()].reduce((a, b) => Math.max(a, b), 0);
    if (newestUs === 0) return null;
    const toMs = clock.nowMs();
    const heardMs = hasListened ? 0 : (options.heardUntilMs ?? 0) - MINUTE_MS;
    const fromMs = Math.min(Math.floor(Math.max(newestUs / 1000, heardMs)), toMs);
    return { entityId: null, fromMs, toMs, reason: hasListened ? "disconnected" : "not running", outcome: "open" };
  }

  async function runRepair(input: Parameters<typeof repair>[1], signal: AbortSignal): Promise<void> {
    status.isRepairing = true;
    try {
      lastRepair = await repair({ fetcher, clock, store }, input, signal);
      options.onRepaired?.(lastRepair);
    } finally {
      status.isRepairing = false;
    }
  }

  async function runBackfill(input: Parameters<typeof backfill>[1], signal: AbortSignal): Promise<void> {
    const onProgress = (now: BackfillProgress): void => {
      progress = { ...now, isComplete: false };
      options.onProgress?.(now);
    };
    const done = await backfill({ fetcher, clock, store, onProgress }, input, signal);
    progress = { ...done, isComplete: true };
    options.onBackfilled?.(done);
  }

  async function refillDropped(signal: AbortSignal): Promise<void> {
    hasDropped = false;
    try {
      const gaps = await store.openGaps();
      // Asked anew: entities that appeared since the connection began may be among what was dropped.
      const entityIds = everyoneOf(await home.states(), await store.newestStored()).filter(isChosen);
      const lost = await refill({ fetcher, clock, store }, gaps, entityIds, async (page) => void (await store.write(page.events)), signal);
      await close(store, gaps, lost);
      options.onRefilled?.();
    } catch (error) {
      hasDropped = true;
      throw error;
    }
  }

  return {
    connected() {
      connection.abort();
      connection = new AbortController();
      const { signal } = connection;
      running = running
        .then(() => listen(signal))
        .catch((error: unknown) => {
          if (!signal.aborted) trouble("ingest", error);
        });
    },
    disconnected() {
      status.isListening = false;
      connection.abort();
    },
    flush: () => live.flush(),
    async fetch(fromMs, toMs) {
      let inserted = 0;
      const entityIds = (await home.states()).map((state) => state.entityId).filter(isChosen);
      await fetcher.fetch(
        { entityIds, fromMs, toMs },
        async (page) => {
          if (page.events.length > 0) inserted += (await store.write(page.events)).inserted;
        },
        connection.signal,
      );
      return inserted;
    },
    status: () => ({ ...status, backfill: progress, lastRepair, live: live.counts() }),
    async stop() {
      status.isListening = false;
      connection.abort();
      await running;
      await live.stop();
    },
  };
}

/** Rejects with the signal's reason as soon as it is aborted; the work itself goes on. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
