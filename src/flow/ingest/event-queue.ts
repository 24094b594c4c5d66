import type { Clock } from "../../core/clock.ts";
import type { StateEvent } from "../../core/events/event.ts";
import { createLosses } from "./losses.ts";
import type { StorePort } from "./ports.ts";
import type { DroppedSpan, SpillPort, TakenEntry } from "./spill.ts";

export interface QueueOptions {
  readonly clock: Clock;
  readonly write: StorePort["write"];
  /** Where events wait that memory must not hold; without it they are dropped when the memory is full. */
  readonly spill?: SpillPort | undefined;
  /** Events that could not be kept; told once there is room again. They have to be fetched. */
  readonly onDropped: (span: DroppedSpan) => void;
  /** A batch could not be written, or the disk queue not be read; it is tried again. */
  readonly onWriteFailed: (error: unknown) => void;
  readonly batchSize?: number;
  readonly batchMs?: number;
  /** Most events held in memory, waiting or being written. */
  readonly maxHeld?: number;
  /** A write that takes longer is one that may never end: what is held goes to the disk. */
  readonly stuckMs?: number;
}

export interface QueueCounts {
  /** Taken into memory. */
  readonly accepted: number;
  /** Of these, committed. */
  readonly written: number;
  readonly inserted: number;
  readonly dropped: number;
  readonly held: number;
  readonly failedWrites: number;
  /** Events that went through the disk. */
  readonly spilled: number;
  /** Events that the run before this one had left on the disk, committed now. */
  readonly recovered: number;
}

/** Events on their way to the writer. Order: under way, again, on disk, in memory; so a kill loses the newest only, which are fetched again. */
export interface EventQueue {
  /** Never throws, never waits. @returns false when there was no room, in memory or on disk */
  add(event: StateEvent, saidBy: string | null): boolean;
  /** Resolves when all that was accepted so far is written, or a write failed. */
  flush(): Promise<void>;
  /** Resolves when nothing waits on disk. @throws when a write failed meanwhile */
  drained(): Promise<void>;
  counts(): QueueCounts;
  stop(): Promise<void>;
}

interface Batch {
  readonly events: readonly StateEvent[];
  saidBy: Readonly<Record<number, string>> | undefined;
  /** Null when it came straight from memory. */
  readonly taken: TakenEntry | null;
  /** Stands on disk behind this one too, so memory need not keep it. */
  isCopied: boolean;
}

/** Commits overlap with the next batch's arrival, but a slow writer is not buried in messages. */
const MAX_IN_FLIGHT = 8;
/** Batches that are put on disk in one turn of the loop: a few ms of JSON. */
const PUTS_AT_ONCE = 8;
/** Longest wait for the writer at a stop. */
const STOP_MS = 2_000;

export function createEventQueue(options: QueueOptions): EventQueue {
  const { clock, write, spill, batchSize = 1_000, batchMs = 2_000, maxHeld = 100_000, stuckMs = 10_000 } = options;
  const counts = { accepted: 0, written: 0, inserted: 0, dropped: 0, held: 0, failedWrites: 0, spilled: 0, recovered: 0 };
  const inFlight = new Map<Batch, Promise<void>>();
  const again: Batch[] = [];
  const waiting: Batch[] = [];
  let filling: { events: StateEvent[]; saidBy: Record<number, string> | undefined } = { events: [], saidBy: undefined };
  const losses = createLosses(options.onDropped);
  let draining: Promise<void> | null = null;
  /** Writes fail, or one does not end. */
  let isTroubled = false;
  let idleTicks = 0;

  function add(event: StateEvent, saidBy: string | null): boolean {
    if (counts.held >= maxHeld && !makeRoom()) {
      drop(event.updatedUs);
      return false;
    }
    if (saidBy !== null) {
      filling.saidBy ??= {};
      filling.saidBy[filling.events.length] = saidBy;
    }
    filling.events.push(event);
    counts.accepted += 1;
    counts.held += 1;
    if (filling.events.length >= batchSize) {
      closeBatch();
      if (isTroubled)
        unburden(); // the writer is tried at the tick, not with every batch
      else post();
    }
    return true;
  }

  function drop(updatedUs: number): void {
    counts.dropped += 1;
    losses.drop(updatedUs);
  }

  function closeBatch(): void {
    if (filling.events.length === 0) return;
    waiting.push({ ...filling, taken: null, isCopied: false });
    filling = { events: [], saidBy: undefined };
  }

  /** Hands to the writer as much as may be under way, the oldest first. */
  function post(): void {
    const most = isTroubled ? 1 : MAX_IN_FLIGHT;
    while (again.length > 0 && inFlight.size < most) send(again.shift()!);
    if (again.length > 0 || inFlight.size >= most) return;
    if (draining !== null || spill?.hasWaiting()) drain(most);
    else while (waiting.length > 0 && inFlight.size < most) send(waiting.shift()!);
  }

  function send(batch: Batch): void {
    inFlight.set(batch, sent(batch));
  }

  async function sent(batch: Batch): Promise<void> {
    try {
      const { inserted } = await write(batch.events, batch.saidBy);
      inFlight.delete(batch);
      isTroubled = false;
      idleTicks = 0;
      counts.inserted += inserted;
      counts.held -= batch.events.length;
      if (batch.taken?.isOld) counts.recovered += batch.events.length;
      else if (!batch.isCopied) counts.written += batch.events.length;
      batch.taken?.settled();
      post();
      if (counts.held <= maxHeld / 2 && waiting.length === 0 && !spill?.hasWaiting()) losses.tell();
    } catch (error) {
      inFlight.delete(batch);
      counts.failedWrites += 1;
      isTroubled = true;
      if (batch.isCopied) counts.held -= batch.events.length;
      else again.push(batch); // tried again at the next tick, not at once: a full disk stays full for a while
      options.onWriteFailed(error);
      unburden();
    }
  }

  function drain(most: number): void {
    if (spill === undefined || draining !== null) return;
    draining = takeSome(spill, most)
      .catch(options.onWriteFailed)
      .finally(() => {
        draining = null;
        if (waiting.length > 0 && !spill.hasWaiting() && !isTroubled) post();
      });
  }

  async function takeSome(from: SpillPort, most: number): Promise<void> {
    while (inFlight.size < most && again.length === 0) {
      const taken = await from.take();
      if (taken === null) break;
      const { entry, isOld } = taken;
      if (entry.kind === "events") {
        const { events, saidBy } = entry.batch;
        counts.held += events.length;
        losses.passed(events, isOld);
        send({ events, saidBy, taken, isCopied: false });
        continue;
      }
      if (entry.kind === "dropped") options.onDropped(entry.span);
      else losses.unreadable(isOld);
      taken.settled();
    }
    if (!from.hasWaiting()) losses.emptied(clock.nowMs() * 1000);
  }

  function makeRoom(): boolean {
    closeBatch();
    moveWaiting();
    return counts.held < maxHeld;
  }

  /** Brings what a stuck or failing writer leaves in memory to the disk, some at a time. */
  function unburden(): void {
    if (!isTroubled || spill === undefined) return;
    for (const batch of [...inFlight.keys(), ...again]) if (!copy(batch)) return;
    for (let i = again.length - 1; i >= 0; i -= 1) {
      if (again[i]!.isCopied) counts.held -= again.splice(i, 1)[0]!.events.length;
    }
    moveWaiting();
  }

  function copy(batch: Batch): boolean {
    if (batch.taken === null && !batch.isCopied) batch.isCopied = put(batch);
    return batch.taken !== null || batch.isCopied;
  }

  function moveWaiting(): void {
    for (let n = 0; n < PUTS_AT_ONCE && waiting.length > 0 && put(waiting[0]!); n += 1) counts.held -= waiting.shift()!.events.length;
  }

  function put(batch: Batch): boolean {
    if (!spill || !losses.putInto(spill) || !spill.put({ kind: "events", batch })) return false;
    counts.spilled += batch.events.length;
    losses.kept(batch.events);
    return true;
  }

  function tick(): void {
    idleTicks = inFlight.size > 0 ? idleTicks + 1 : 0;
    if (idleTicks * batchMs >= stuckMs) isTroubled = true;
    closeBatch();
    unburden();
    post();
  }

  async function untilMoved(): Promise<boolean> {
    closeBatch();
    post();
    const moves = [...inFlight.values(), ...(draining === null ? [] : [draining])];
    if (moves.length === 0) return false;
    await Promise.race(moves);
    return true;
  }

  async function flush(): Promise<void> {
    const target = counts.accepted;
    const failedBefore = counts.failedWrites;
    while (counts.written < target && counts.failedWrites === failedBefore && (await untilMoved()));
  }

  const stopTimer = clock.timer(batchMs, tick);
  return {
    add,
    flush,
    async drained() {
      const failedBefore = counts.failedWrites;
      const isLeft = (): boolean => draining !== null || Boolean(spill?.hasWaiting()) || again.length + inFlight.size > 0;
      while (isLeft() && counts.failedWrites === failedBefore && (await untilMoved()));
      if (isLeft()) throw new Error("what waits on the disk could not be stored");
    },
    counts: () => ({ ...counts }),
    async stop() {
      stopTimer();
      if (spill === undefined) await flush();
      else {
        await Promise.race([flush(), clock.sleepUntil(clock.nowMs() + STOP_MS)]);
        closeBatch();
        isTroubled ||= counts.held > 0;
        for (let before = -1; counts.spilled !== before; unburden()) before = counts.spilled;
        for (const { events } of [...waiting, ...again].filter((batch) => batch.taken === null))
          for (const { updatedUs } of events) drop(updatedUs);
        if (isTroubled) losses.putInto(spill);
        await spill.close();
      }
      losses.tell();
    },
  };
}
