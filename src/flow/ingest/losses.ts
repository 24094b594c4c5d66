import type { StateEvent } from "../../core/events/event.ts";
import type { DroppedSpan, SpillPort } from "./spill.ts";

/** What had to be dropped, until it can be told: it has to be fetched. */
export interface Losses {
  drop(updatedUs: number): void;
  /** Events that were put on the disk. */
  kept(events: readonly StateEvent[]): void;
  /** Events that were taken from the disk: entries before them that could not be read end here. */
  passed(events: readonly StateEvent[], isOld: boolean): void;
  /** An entry on the disk could not be read. */
  unreadable(isOld: boolean): void;
  /** Nothing stands on the disk any more: what could not be read at its end is told. */
  emptied(nowUs: number): void;
  /** Puts what was dropped so far behind what stands on the disk, for this run or the next to tell. False when there is no room. */
  putInto(spill: SpillPort): boolean;
  tell(): void;
}

export function createLosses(onDropped: (span: DroppedSpan) => void): Losses {
  let dropped: DroppedSpan | null = null;
  let holeFromUs: number | null = null;
  let passed: { readonly atUs: number; readonly isOld: boolean } | null = null;
  /** Oldest and newest that this run put on the disk since it was last empty. */
  let kept: { readonly fromUs: number; readonly toUs: number } | null = null;
  return {
    drop(updatedUs) {
      dropped = {
        fromUs: Math.min(dropped?.fromUs ?? updatedUs, updatedUs),
        toUs: Math.max(dropped?.toUs ?? updatedUs, updatedUs),
        count: (dropped?.count ?? 0) + 1,
      };
    },
    kept(events) {
      for (const { updatedUs } of events)
        kept = { fromUs: Math.min(kept?.fromUs ?? updatedUs, updatedUs), toUs: Math.max(kept?.toUs ?? updatedUs, updatedUs) };
    },
    passed(events, isOld) {
      const [first] = events;
      if (first === undefined) return;
      if (holeFromUs !== null) onDropped({ fromUs: Math.min(holeFromUs, first.updatedUs), toUs: first.updatedUs, count: 0 });
      holeFromUs = null;
      passed = { atUs: events.at(-1)!.updatedUs, isOld };
    },
    unreadable(isOld) {
      // Before the first of an earlier run that can be read, the comparison at the start finds what is missing.
      const isNeighbour = passed !== null && passed.isOld === isOld;
      holeFromUs ??= (isNeighbour ? passed?.atUs : isOld ? null : kept?.fromUs) ?? null;
    },
    emptied(nowUs) {
      if (holeFromUs !== null) onDropped({ fromUs: holeFromUs, toUs: Math.max(holeFromUs, kept?.toUs ?? 0, nowUs), count: 0 });
      holeFromUs = null;
      passed = null;
      kept = null;
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
