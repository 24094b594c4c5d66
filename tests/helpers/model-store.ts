import type { StateEvent } from "../../src/core/events/event.ts";
import type { GapOutcome } from "../../src/core/events/gap.ts";
import type { EntityPast, Gap, StorePort } from "../../src/flow/ingest/ports.ts";

export interface ModelGap extends Gap {
  outcome: GapOutcome;
  unrecorded: readonly string[];
  lostUntilMs: number | null;
}

export interface ModelStore extends StorePort {
  readonly rows: Map<string, StateEvent>;
  readonly gaps: Map<number, ModelGap>;
  readonly chunks: { readonly entityIds: readonly string[]; readonly fromMs: number }[];
  /** Rows by `entityId@updatedUs=state`, sorted; anchors and means left out. */
  contents(): string[];
}

export const rowKey = (event: Pick<StateEvent, "entityId" | "updatedUs">): string => `${event.entityId}@${event.updatedUs}`;

/** What ingest asks of the store, in memory, with its identities. */
export function createModelStore(): ModelStore {
  const rows = new Map<string, StateEvent>();
  const gaps = new Map<number, ModelGap>();
  const pasts = new Map<string, EntityPast>();
  const chunks: ModelStore["chunks"] = [];
  const write: StorePort["write"] = async (events) => {
    let inserted = 0;
    for (const event of events) {
      if (rows.has(rowKey(event))) continue;
      rows.set(rowKey(event), event);
      inserted += 1;
    }
    return { inserted };
  };
  return {
    rows,
    gaps,
    chunks,
    contents: () =>
      [...rows.values()]
        .filter((row) => row.source !== "anchor" && row.source !== "statistics")
        .map((row) => `${rowKey(row)}=${row.state}`)
        .sort(),
    write,
    async newestStored() {
      const newest = new Map<string, number>();
      for (const { entityId, updatedUs, source } of rows.values()) {
        if (source !== "statistics") newest.set(entityId, Math.max(updatedUs, newest.get(entityId) ?? 0));
      }
      return newest;
    },
    async noteGap(gap) {
      const open = [...gaps.values()].find(
        (other) =>
          other.outcome === "open" && other.entityId === gap.entityId && other.reason === gap.reason && other.toMs >= gap.fromMs - 60_000,
      );
      const noted = { ...gap, fromMs: Math.min(gap.fromMs, open?.fromMs ?? gap.fromMs), id: open?.id ?? gaps.size + 1 };
      gaps.set(noted.id, { ...noted, outcome: "open", unrecorded: [], lostUntilMs: null });
      return noted;
    },
    openGaps: async () =>
      [...gaps.values()]
        .filter((gap) => gap.outcome === "open")
        .map(({ id, entityId, fromMs, toMs, reason }) => ({ id, entityId, fromMs, toMs, reason })),
    async settleGap({ id, lostUntilMs, unrecorded }) {
      const gap = gaps.get(id)!;
      gap.outcome = lostUntilMs !== null ? "lost" : unrecorded.length > 0 ? "partly" : "filled";
      gap.unrecorded = unrecorded;
      gap.lostUntilMs = lostUntilMs;
    },
    pasts: async () => [...pasts.values()],
    async writePast({ events, entityIds, fromMs, isWhole }) {
      for (const entityId of entityIds) {
        const before = pasts.get(entityId);
        pasts.set(entityId, {
          entityId,
          leftAtMs: null,
          statisticsFromMs: null,
          ...before,
          fromMs: Math.min(fromMs, before?.fromMs ?? fromMs),
          isWhole: isWhole || before?.isWhole === true,
        });
      }
      if (entityIds.length > 0) chunks.push({ entityIds, fromMs });
      return write(events);
    },
    async writeStatistics({ events, entityIds, fromMs }) {
      for (const entityId of entityIds) pasts.set(entityId, { ...pasts.get(entityId)!, statisticsFromMs: fromMs });
      return write(events);
    },
    async noteChosen({ left, returned }) {
      for (const entityId of left) pasts.set(entityId, { ...pasts.get(entityId)!, leftAtMs: 0 });
      for (const entityId of returned) pasts.set(entityId, { ...pasts.get(entityId)!, leftAtMs: null });
    },
  };
}
