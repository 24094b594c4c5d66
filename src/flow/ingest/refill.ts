import type { Clock } from "../../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/time.ts";
import { OVERLAP_MS } from "./differences.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Gap, HistoryPage, SettledGap, StorePort } from "./ports.ts";
import { recorderReach } from "./reach.ts";

export interface RepairPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "write" | "settleGap">;
}

/** The recorder commits late: 30-40 s behind after a burst of 100,000 events. */
export const COMMIT_DELAY_MS = MINUTE_MS;

/** A span of which something is asked. */
export type Spanned = Pick<Gap, "fromMs" | "toMs">;

/** What is younger lies within what every recorder keeps. */
const ALWAYS_KEPT_MS = HOUR_MS;
/** A recorder that shows nothing of anybody may only be starting: the gap stays open and is asked for again at the next connection. */
export const NOTHING_SHOWN = "nothing shown";

/**
 * Fetches gaps for all entities, whatever is stored of them. Tells what became of each: which part the recorder no longer holds, and which
 * entities it does not know at all, neither by a row nor by a state at the start.
 */
export async function refill(
  ports: Pick<RepairPorts, "fetcher" | "clock">,
  gaps: readonly Gap[],
  everyone: readonly string[],
  keep: (page: HistoryPage) => Promise<void>,
  signal: AbortSignal,
): Promise<readonly SettledGap[]> {
  const settled: SettledGap[] = [];
  const lostUntil = await lostPart(ports, everyone, gaps, signal);
  // Entities that were left out together are asked for together.
  const spans = Map.groupBy(gaps, (gap) => `${gap.entityId === null} ${gap.fromMs} ${gap.toMs}`);
  for (const alike of spans.values()) {
    const [{ entityId, fromMs, toMs }] = alike as [Gap, ...Gap[]];
    const entityIds = entityId === null ? everyone : alike.flatMap((gap) => gap.entityId ?? []);
    const found = lostUntil({ fromMs, toMs });
    const lostUntilMs = found === NOTHING_SHOWN ? null : found;
    const known = new Set<string>();
    const onPage = (page: HistoryPage): Promise<void> => {
      for (const event of page.events) known.add(event.entityId);
      return keep({ ...page, events: page.events.filter((event) => event.source !== "anchor") });
    };
    const askFromMs = lostUntilMs === null ? fromMs - OVERLAP_MS : lostUntilMs - MINUTE_MS;
    if (askFromMs < toMs + OVERLAP_MS) {
      await ports.fetcher.fetch({ entityIds, fromMs: askFromMs, toMs: toMs + OVERLAP_MS, withStartState: true }, onPage, signal);
    }
    if (found === NOTHING_SHOWN) continue;
    for (const gap of alike) {
      const mine = gap.entityId === null ? everyone : [gap.entityId];
      const unrecorded = mine.filter((each) => !known.has(each));
      settled.push({ id: gap.id, lostUntilMs, unrecorded, recorded: mine.filter((each) => known.has(each)) });
    }
  }
  return settled;
}

/** Tells until when the recorder holds nothing of a span, or null when it holds it all. One search serves all spans. */
export async function lostPart(
  { fetcher, clock }: Pick<RepairPorts, "fetcher" | "clock">,
  everyone: readonly string[],
  spans: readonly Spanned[],
  signal: AbortSignal,
): Promise<(span: Spanned) => number | null | typeof NOTHING_SHOWN> {
  const old = spans.filter(({ fromMs }) => clock.nowMs() - fromMs > ALWAYS_KEPT_MS);
  if (old.length === 0) return () => null;
  const fromMs = Math.min(...old.map((span) => span.fromMs));
  const reach = await recorderReach(fetcher, everyone, fromMs, clock.nowMs(), MINUTE_MS, signal);
  if (!reach.hasRows) return (span) => (clock.nowMs() - span.fromMs > ALWAYS_KEPT_MS ? NOTHING_SHOWN : null);
  return (span) => (reach.fromMs <= span.fromMs ? null : Math.min(span.toMs, reach.fromMs + MINUTE_MS));
}
