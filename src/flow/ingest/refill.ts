import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";
import { OVERLAP_MS } from "./differences.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Gap, HistoryPage, StorePort } from "./ports.ts";
import { recorderReach } from "./reach.ts";

export interface RepairPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "write" | "noteGap">;
}

/** What is younger lies within what every recorder keeps. */
const ALWAYS_KEPT_MS = HOUR_MS;

/**
 * Fetches spans for all entities, whatever is stored of them. Returns the gaps that stay: what the recorder no longer holds, and entities
 * that it does not know at all, neither by a row nor by a state at the start.
 */
export async function refill(
  ports: RepairPorts,
  gaps: readonly Gap[],
  everyone: readonly string[],
  keep: (page: HistoryPage) => Promise<void>,
  signal: AbortSignal,
): Promise<readonly Gap[]> {
  const remaining: Gap[] = [];
  for (const gap of gaps) {
    const entityIds = gap.entityId === null ? everyone : [gap.entityId];
    const lost = await lostPart(ports, everyone, gap, signal);
    const fromMs = lost ? lost.toMs - MINUTE_MS : gap.fromMs - OVERLAP_MS;
    const known = new Set<string>();
    const onPage = (page: HistoryPage): Promise<void> => {
      for (const event of page.events) known.add(event.entityId);
      return keep({ ...page, events: page.events.filter((event) => event.source !== "anchor") });
    };
    await ports.fetcher.fetch({ entityIds, fromMs, toMs: gap.toMs + OVERLAP_MS, withStartState: true }, onPage, signal);
    if (lost) remaining.push(lost);
    else for (const entityId of entityIds) if (!known.has(entityId)) remaining.push(notRecorded(entityId, gap.fromMs, gap.toMs));
  }
  return remaining;
}

export function notRecorded(entityId: string, fromMs: number, toMs: number): Gap {
  return { entityId, fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs), reason: "not in the recorder", outcome: "partly" };
}

/** The part of an old gap that the recorder no longer holds. */
export async function lostPart(ports: RepairPorts, everyone: readonly string[], gap: Gap, signal: AbortSignal): Promise<Gap | null> {
  if (ports.clock.nowMs() - gap.fromMs <= ALWAYS_KEPT_MS) return null;
  const reach = await recorderReach(ports.fetcher, everyone, gap.fromMs, gap.toMs, MINUTE_MS, signal);
  // A recorder that shows nothing may only be starting; each entity that differs is then said to be partly known.
  if (!reach.hasRows || reach.fromMs <= gap.fromMs) return null;
  const toMs = Math.min(gap.toMs, reach.fromMs + MINUTE_MS);
  return { entityId: gap.entityId, fromMs: gap.fromMs, toMs, reason: "purged by the recorder", outcome: "lost" };
}

export async function close(store: Pick<StorePort, "noteGap">, filled: readonly Gap[], remaining: readonly Gap[]): Promise<void> {
  for (const gap of remaining) await store.noteGap(gap);
  for (const gap of filled) await store.noteGap({ ...gap, outcome: "filled" });
}
