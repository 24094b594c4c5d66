import { type Calls, STRIDE } from "../../../kit/calls.ts";

/** What goes at once, so that a queue that has grown is worked off in turns. */
const MOST_PER_BATCH = 1_000;
/** In a flood more is waited for, so that nobody is woken for a handful: so many in one turn of the loop are one, ... */
const FLOOD = 32;
/** ... and so long they may wait. */
const FLOOD_MS = 4;
/** Batches on their way: while one is worked at, the next is there already. */
const MOST_UNDER_WAY = 2;

/** What is on its way to another thread or process, in order, many at once: five values each, flat. What comes within one turn of the loop goes together. */
export interface Batches {
  add(what: number | string, a: unknown, b: unknown, c: unknown, d: number): void;
  /** The other side has taken a batch. */
  taken(): void;
  dropOldest(): void;
  dropAll(): void;
  waiting(): number;
  sent(): number;
  close(): void;
}

export function createBatches(post: (calls: Calls) => void): Batches {
  let waiting: unknown[] = [];
  /** Where what still waits begins. */
  let from = 0;
  let underWay = 0;
  let isScheduled = false;
  let waitingForMore: NodeJS.Timeout | null = null;
  let isClosed = false;
  let sent = 0;

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
      sent += batch.length / STRIDE;
      post(batch);
    }
  }

  return {
    add(what, a, b, c, d) {
      if (isClosed) return;
      waiting.push(what, a, b, c, d);
      if (waitingForMore !== null && size() >= MOST_PER_BATCH) send();
      if (isScheduled || underWay >= MOST_UNDER_WAY) return;
      isScheduled = true;
      setImmediate(settle);
    },
    taken() {
      underWay -= 1;
      if (!isScheduled) send();
    },
    dropOldest() {
      from += STRIDE;
      // Room is made once in a while, not with each one.
      if (from < waiting.length / 2) return;
      waiting = waiting.slice(from);
      from = 0;
    },
    dropAll() {
      [waiting, from] = [[], 0];
    },
    waiting: size,
    sent: () => sent,
    close() {
      isClosed = true;
      if (waitingForMore !== null) clearTimeout(waitingForMore);
      [waiting, from] = [[], 0];
    },
  };
}
