import type { Calls } from "../../../kit/calls.ts";
import { createBatches } from "./batches.ts";

/** Calls that wait for an app that does not read; beyond it the oldest are dropped. */
const MOST_WAITING = 20_000;

export interface OutboxCounts {
  readonly delivered: number;
  readonly dropped: number;
  readonly waiting: number;
}

/** Calls on their way to an app. */
export interface Outbox {
  add(id: number, a: unknown, b: unknown, c: unknown, atMs: number): void;
  /** The app has taken a batch. */
  taken(): void;
  counts(): OutboxCounts;
  close(): void;
}

export function createOutbox(post: (calls: Calls) => void, onDropped: (total: number) => void): Outbox {
  const batches = createBatches(post);
  let dropped = 0;
  return {
    add(id, a, b, c, atMs) {
      if (batches.waiting() >= MOST_WAITING) {
        batches.dropOldest();
        dropped += 1;
        onDropped(dropped);
      }
      batches.add(id, a, b, c, atMs);
    },
    taken: batches.taken,
    counts: () => ({ delivered: batches.sent(), dropped, waiting: batches.waiting() }),
    close: batches.close,
  };
}
