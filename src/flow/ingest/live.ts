import type { Clock } from "../../core/clock.ts";
import { CLOCK_TOLERANCE_MS } from "../../core/events/event.ts";
import { createEventQueue, type QueueCounts, type QueueOptions } from "./event-queue.ts";
import type { StateChange } from "./ports.ts";

export interface LiveOptions extends QueueOptions {
  readonly clock: Clock;
  readonly isChosen: (entityId: string) => boolean;
  readonly isHelper: (entityId: string) => boolean;
  /** Home Assistant's time, where it differs from the clock's. */
  readonly homeNowMs?: (() => number) | undefined;
}

export interface LiveCounts extends QueueCounts {
  readonly ignored: number;
}

export interface Live {
  /** Never throws, never waits. */
  accept(change: StateChange): void;
  /** Resolves when all that was accepted so far is written, or could not be. */
  flush(): Promise<void>;
  /** Resolves when nothing waits on disk. @throws when it cannot be stored now */
  drained(): Promise<void>;
  /** µs of the newest event that came in (HA's time), or null. One from the future says nothing about how long we listened. */
  newestUs(): number | null;
  counts(): LiveCounts;
  stop(): Promise<void>;
}

/** Live changes of chosen entities into batches of 1,000 or 2 s, because a commit per event wears out an SD card. */
export function createLive(options: LiveOptions): Live {
  const { clock, isChosen, isHelper, homeNowMs = clock.nowMs } = options;
  const queue = createEventQueue(options);
  let ignored = 0;
  let newestUs: number | null = null;

  return {
    accept({ entityId, state, changedUs, updatedUs, userId }) {
      if (newestUs === null || updatedUs > newestUs) newestUs = Math.min(updatedUs, (homeNowMs() + CLOCK_TOLERANCE_MS) * 1000);
      if (changedUs !== updatedUs || !isChosen(entityId)) {
        ignored += 1;
        return;
      }
      queue.add({ entityId, state, updatedUs, knownAtMs: clock.nowMs(), source: "live" }, isHelper(entityId) ? userId : null);
    },
    flush: queue.flush,
    drained: queue.drained,
    newestUs: () => newestUs,
    counts: () => ({ ...queue.counts(), ignored }),
    stop: queue.stop,
  };
}
