import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";
import { OVERLAP_MS } from "./differences.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Gap, HistoryPage, StorePort } from "./ports.ts";
import { recorderReachMs } from "./reach.ts";

export interface RepairPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "write" | "noteGap">;
}

/** What is younger lies within what every recorder keeps. */
const ALWAYS_KEPT_MS = HOUR_MS;

/** Fetches spans for all entities and closes their gaps; what the recorder no longer holds becomes a gap that stays. */
export async function refill(
  ports: RepairPorts,
  gaps: readonly Gap[],
  everyone: readonly string[],
  keep: (page: HistoryPage) => Promise<void>,
  signal: AbortSignal,
): Promise<readonly Gap[]> {
  const lost: Gap[] = [];
  for (const gap of gaps) {
    const part = await lostPart(ports, everyone, gap, signal);
    if (part) lost.push(part);
    const entityIds = gap.entityId === null ? everyone : [gap.entityId];
    const fromMs = part ? part.toMs - MINUTE_MS : gap.fromMs - OVERLAP_MS;
    await ports.fetcher.fetch({ entityIds, fromMs, toMs: gap.toMs + OVERLAP_MS }, keep, signal);
  }
  return lost;
}

/** The part of an old gap that the recorder no longer holds. */
export async function lostPart(ports: RepairPorts, everyone: readonly string[], gap: Gap, signal: AbortSignal): Promise<Gap | null> {
  if (ports.clock.nowMs() - gap.fromMs <= ALWAYS_KEPT_MS) return null;
  const reachMs = await recorderReachMs(ports.fetcher, everyone, gap.fromMs, gap.toMs, MINUTE_MS, signal);
  if (reachMs <= gap.fromMs) return null;
  const toMs = Math.min(gap.toMs, reachMs + MINUTE_MS);
  return { entityId: gap.entityId, fromMs: gap.fromMs, toMs, reason: "purged by the recorder", outcome: "lost" };
}

export async function close(store: Pick<StorePort, "noteGap">, filled: readonly Gap[], remaining: readonly Gap[]): Promise<void> {
  for (const gap of remaining) await store.noteGap(gap);
  for (const gap of filled) await store.noteGap({ ...gap, outcome: "filled" });
}
