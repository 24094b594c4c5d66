import type { StateEvent } from "../../src/core/events/event.ts";
import type { FetchedRange, Gap, StorePort } from "../../src/flow/ingest/ports.ts";

export interface ModelStore extends StorePort {
  readonly rows: Map<string, StateEvent>;
  readonly gaps: Map<string, Gap>;
  readonly ranges: FetchedRange[];
  /** Rows by `entityId@updatedUs=state`, sorted; anchors left out. */
  contents(): string[];
}

export const rowKey = (event: Pick<StateEvent, "entityId" | "updatedUs">): string => `${event.entityId}@${event.updatedUs}`;

/** What ingest asks of the store, in memory, with its identities. */
export function createModelStore(): ModelStore {
  const rows = new Map<string, StateEvent>();
  const gaps = new Map<string, Gap>();
  const ranges: FetchedRange[] = [];
  return {
    rows,
    gaps,
    ranges,
    contents: () =>
      [...rows.values()]
        .filter((row) => row.source !== "anchor")
        .map((row) => `${rowKey(row)}=${row.state}`)
        .sort(),
    async write(events) {
      let inserted = 0;
      for (const event of events) {
        if (rows.has(rowKey(event))) continue;
        rows.set(rowKey(event), event);
        inserted += 1;
      }
      return { inserted };
    },
    async newestStored() {
      const newest = new Map<string, number>();
      for (const { entityId, updatedUs } of rows.values()) newest.set(entityId, Math.max(updatedUs, newest.get(entityId) ?? 0));
      return newest;
    },
    noteGap: async (gap) => void gaps.set(`${gap.entityId}|${gap.fromMs}|${gap.reason}`, gap),
    openGaps: async () => [...gaps.values()].filter((gap) => gap.outcome === "open"),
    fetchedRanges: async () => ranges,
    markFetched: async (range) => void ranges.push(range),
  };
}
