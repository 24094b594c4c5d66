import { type Calls, STRIDE } from "../../kit/calls.ts";

/** Calls that wait for an app that does not read; beyond it the oldest are dropped. */
const MOST_WAITING = 20_000;
/** Calls that go at once, so that a queue that has grown is worked off in turns. */
const MOST_PER_BATCH = 1_000;
/** In a flood more are waited for, so that a thread is not woken for a handful: so many in one turn of the loop are one, ... */
const FLOOD = 32;
/** ... and so long they may wait. */
const FLOOD_MS = 4;
/** Batches on their way: while the app works at one, the next is there already. */
const MOST_UNDER_WAY = 2;

export interface OutboxCounts {
  readonly delivered: number;
  readonly dropped: number;
  readonly waiting: number;
}

/** Calls on their way to an app, in order, many at once. What comes within one turn of the loop goes together. */
export interface Outbox {
  add(id: number, a: unknown, b: unknown, c: unknown, atMs: number): void;
  /** The app has taken a batch. */
  taken(): void;
  counts(): OutboxCounts;
  close(): void;
}

export function createOutbox(post: (calls: Calls) => void, onDropped: (total: number) => void): Outbox {
  let waiting: unknown[] = [];
  /** Where what still waits begins. */
  let from = 0;
  let underWay = 0;
  let isScheduled = false;
  let waitingForMore: NodeJS.Timeout | null = null;
  let isClosed = false;
  let delivered = 0;
  let dropped = 0;

  const size = (): number => (waiting.length - from) / STRIDE;

  /** At the end of a turn of the loop. */
  function settle(): void {
    if (size() < FLOOD || size() >= MOST_PER_BATCH) send();
    else waitingForMore ??= setTimeout(send, FLOOD_MS);
  }

  function send(): void {
    if (waitingForMore !== null) clearTimeout(waitingForMore);
    waitingForMore = null;
    isScheduled = false;
    while (!isClosed && underWay < MOST_UNDER_WAY && size() > 0) {
      const to = Math.min(waiting.length, from + MOST_PER_BATCH * STRIDE);
      const batch = from === 0 && to === waiting.length ? waiting : waiting.slice(from, to);
      if (to === waiting.length) [waiting, from] = [[], 0];
      else from = to;
      underWay += 1;
      delivered += batch.length / STRIDE;
      post(batch);
    }
  }

  function dropOldest(): void {
    from += STRIDE;
    dropped += 1;
    if (from > MOST_WAITING * STRIDE) {
      waiting = waiting.slice(from);
      from = 0;
    }
    onDropped(dropped);
  }

  return {
    add(id, a, b, c, atMs) {
      if (isClosed) return;
      if (size() >= MOST_WAITING) dropOldest();
      waiting.push(id, a, b, c, atMs);
      if (waitingForMore !== null && size() >= MOST_PER_BATCH) send();
      if (isScheduled || underWay >= MOST_UNDER_WAY) return;
      isScheduled = true;
      setImmediate(settle);
    },
    taken() {
      underWay -= 1;
      if (!isScheduled) send();
    },
    counts: () => ({ delivered, dropped, waiting: size() }),
    close() {
      isClosed = true;
      if (waitingForMore !== null) clearTimeout(waitingForMore);
      [waiting, from] = [[], 0];
    },
  };
}
