import type { StateEvent } from "../../core/events/event.ts";
import type { DroppedSpan, SpillPort } from "./spill.ts";

/** What had to be dropped, until it can be told: it has to be fetched. */
export interface Losses {
  drop(updatedUs: number): void;
  /** Events that were taken from the disk: entries before them that could not be read end here. */
  passed(events: readonly StateEvent[]): void;
  /** An entry on the disk could not be read. */
  unreadable(): void;
  /** Puts what was dropped so far behind what stands on the disk, for this run or the next to tell. False when there is no room. */
  putInto(spill: SpillPort): boolean;
  tell(): void;
}

export function createLosses(onDropped: (span: DroppedSpan) => void): Losses {
  let dropped: DroppedSpan | null = null;
  let holeFromUs: number | null = null;
  let passedUs = 0;
  return {
    drop(updatedUs) {
      dropped = {
        fromUs: Math.min(dropped?.fromUs ?? updatedUs, updatedUs),
        toUs: Math.max(dropped?.toUs ?? updatedUs, updatedUs),
        count: (dropped?.count ?? 0) + 1,
      };
    },
    passed(events) {
      const [first] = events;
      if (first === undefined) return;
      if (holeFromUs !== null) onDropped({ fromUs: Math.min(holeFromUs, first.updatedUs), toUs: first.updatedUs, count: 0 });
      holeFromUs = null;
      passedUs = events.at(-1)!.updatedUs;
    },
    unreadable() {
      // Before the first that can be read, the comparison at the start finds what is missing.
      if (passedUs > 0) holeFromUs ??= passedUs;
    },
    putInto(spill) {
      if (dropped !== null && !spill.put({ kind: "dropped", span: dropped })) return false;
      dropped = null;
      return true;
    },
    tell() {
      if (dropped === null) return;
      const span = dropped;
      dropped = null;
      onDropped(span);
    },
  };
}
