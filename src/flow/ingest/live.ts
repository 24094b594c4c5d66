import type { Clock } from "../../core/clock.ts";
import type { StateEvent } from "../../core/events/event.ts";
import type { StateChange, StorePort } from "./ports.ts";

export interface LiveOptions {
  readonly clock: Clock;
  readonly write: StorePort["write"];
  readonly isChosen: (entityId: string) => boolean;
  readonly isHelper: (entityId: string) => boolean;
  /** Events came while the memory was full: [fromUs, toUs] of them, told once there is room again. They have to be fetched. */
  readonly onDropped: (span: { readonly fromUs: number; readonly toUs: number; readonly count: number }) => void;
  /** A batch could not be written; it is kept and tried again. */
  readonly onWriteFailed: (error: unknown) => void;
  readonly batchSize?: number;
  readonly batchMs?: number;
  /** Most events held in memory, waiting or being written. */
  readonly maxHeld?: number;
}

export interface LiveCounts {
  readonly accepted: number;
  readonly written: number;
  readonly inserted: number;
  readonly ignored: number;
  readonly dropped: number;
  readonly held: number;
  readonly failedWrites: number;
}

export interface Live {
  /** Never throws, never waits. */
  accept(change: StateChange): void;
  /** Resolves when all that was accepted so far is written, or could not be. */
  flush(): Promise<void>;
  /** µs of the newest event that came in (HA's time), or null. */
  newestUs(): number | null;
  counts(): LiveCounts;
  stop(): Promise<void>;
}

interface Batch {
  readonly events: StateEvent[];
  saidBy: Record<number, string> | undefined;
}

/** Commits overlap with the next batch's arrival, but a slow writer is not buried in messages. */
const MAX_IN_FLIGHT = 8;

/** Buffers live changes and writes them in batches of 1,000 or 2 s, because a commit per event wears out an SD card. */
export function createLive(options: LiveOptions): Live {
  const { clock, write, isChosen, isHelper, batchSize = 1_000, batchMs = 2_000, maxHeld = 100_000 } = options;
  const counts = { accepted: 0, written: 0, inserted: 0, ignored: 0, dropped: 0, held: 0, failedWrites: 0 };
  const inFlight = new Map<Batch, Promise<void>>();
  let filling: Batch = { events: [], saidBy: undefined };
  const waiting: Batch[] = [];
  let lost: { fromUs: number; toUs: number; count: number } | null = null;
  let newestUs: number | null = null;

  function accept(change: StateChange): void {
    if (newestUs === null || change.updatedUs > newestUs) newestUs = change.updatedUs;
    if (change.changedUs !== change.updatedUs || !isChosen(change.entityId)) {
      counts.ignored += 1;
      return;
    }
    if (counts.held >= maxHeld) {
      drop(change.updatedUs);
      return;
    }
    const { entityId, state, updatedUs, userId } = change;
    if (userId !== null && isHelper(entityId)) {
      filling.saidBy ??= {};
      filling.saidBy[filling.events.length] = userId;
    }
    filling.events.push({ entityId, state, updatedUs, knownAtMs: clock.nowMs(), source: "live" });
    counts.accepted += 1;
    counts.held += 1;
    if (filling.events.length >= batchSize) post();
  }

  function drop(updatedUs: number): void {
    counts.dropped += 1;
    lost ??= { fromUs: updatedUs, toUs: updatedUs, count: 0 };
    lost.fromUs = Math.min(lost.fromUs, updatedUs);
    lost.toUs = Math.max(lost.toUs, updatedUs);
    lost.count += 1;
  }

  /** Moves what was collected to the queue, and as much of the queue as may be under way to the writer. */
  function post(): void {
    if (filling.events.length > 0) {
      waiting.push(filling);
      filling = { events: [], saidBy: undefined };
    }
    while (waiting.length > 0 && inFlight.size < MAX_IN_FLIGHT) {
      const batch = waiting.shift()!;
      inFlight.set(batch, send(batch));
    }
  }

  async function send(batch: Batch): Promise<void> {
    try {
      const { inserted } = await write(batch.events, batch.saidBy);
      inFlight.delete(batch);
      counts.inserted += inserted;
      counts.written += batch.events.length;
      counts.held -= batch.events.length;
      if (waiting.length > 0) post();
      else tellLost();
    } catch (error) {
      inFlight.delete(batch);
      counts.failedWrites += 1;
      waiting.unshift(batch); // tried again at the next tick, not at once: a full disk stays full for a while
      options.onWriteFailed(error);
    }
  }

  function tellLost(): void {
    if (lost === null || counts.held > maxHeld / 2) return;
    const span = lost;
    lost = null;
    options.onDropped(span);
  }

  async function flush(): Promise<void> {
    const failedBefore = counts.failedWrites;
    do {
      post();
      await Promise.all(inFlight.values());
    } while ((inFlight.size > 0 || waiting.length > 0 || filling.events.length > 0) && counts.failedWrites === failedBefore);
  }

  const stopTimer = clock.timer(batchMs, post);
  return {
    accept,
    flush,
    newestUs: () => newestUs,
    counts: () => ({ ...counts }),
    async stop() {
      stopTimer();
      await flush();
      if (lost !== null) options.onDropped(lost);
    },
  };
}
