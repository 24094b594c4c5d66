import type { Clock } from "../../core/clock.ts";
import { DAY_MS, HOUR_MS } from "../../core/time.ts";
import type { Fetcher } from "./fetcher.ts";
import type { FetchedRange, HistoryPage, StorePort } from "./ports.ts";
import { recorderReach } from "./reach.ts";

export interface BackfillPorts {
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly store: Pick<StorePort, "write" | "fetchedRanges" | "markFetched">;
  readonly onProgress: (progress: BackfillProgress) => void;
}

export interface BackfillInput {
  readonly entityIds: readonly string[];
  /** When live changes were first subscribed to: the past ends here. */
  readonly listeningSinceMs: number;
  /** Furthest back. */
  readonly days: number;
}

export interface BackfillProgress {
  readonly fetchedDays: number;
  readonly totalDays: number;
  /** Rows stored by this run. */
  readonly rows: number;
  readonly ratePerSecond: number;
  readonly leftMs: number;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Fetches all that the recorder has, newest day first, up to `days` back. A day that was fetched to its end is marked, so a run that was cut
 * off goes on where it stopped. Only the oldest chunk asks for the state that held at its start.
 */
export async function backfill(ports: BackfillPorts, input: BackfillInput, signal: AbortSignal): Promise<BackfillProgress> {
  const { fetcher, clock, store, onProgress } = ports;
  const done = await store.fetchedRanges();
  // What came after the first run is the repair's.
  const endMs = done.length === 0 ? input.listeningSinceMs : Math.max(...done.map((range) => range.toMs));
  const limitMs = Math.floor((input.listeningSinceMs - input.days * DAY_MS) / HOUR_MS) * HOUR_MS;
  const missing = subtract({ fromMs: limitMs, toMs: Math.ceil(endMs) }, done);
  let progress: BackfillProgress = { fetchedDays: 0, totalDays: 0, rows: 0, ratePerSecond: 0, leftMs: 0 };
  const oldestMissing = missing[0];
  if (!oldestMissing) return progress;

  const reach = await recorderReach(fetcher, input.entityIds, oldestMissing.fromMs, Math.ceil(endMs), HOUR_MS, signal);
  const reachMs = reach.fromMs;
  const pieces = missing.flatMap((range) => daysOf(range, reachMs)).reverse();
  const totalMs = pieces.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const startedMs = clock.nowMs();
  let doneMs = 0;
  let stored = 0;

  for (const { fromMs, toMs } of pieces) {
    let rows = 0;
    const keep = async (page: HistoryPage): Promise<void> => {
      if (page.events.length > 0) await store.write(page.events);
      rows += page.events.length;
      stored += page.events.length;
      report();
    };
    await fetcher.fetch({ entityIds: input.entityIds, fromMs, toMs, withStartState: fromMs === reachMs }, keep, signal);
    // A recorder that holds nothing at all may only be starting: asked again next time.
    if (reach.hasRows || rows > 0) await store.markFetched({ fromMs, toMs, rows });
    doneMs += toMs - fromMs;
    report();
  }
  for (const { fromMs, toMs } of missing) {
    if (fromMs < reachMs && stored > 0) await store.markFetched({ fromMs, toMs: Math.min(toMs, reachMs), rows: 0 });
  }
  return progress;

  function report(): void {
    const tookMs = clock.nowMs() - startedMs;
    progress = {
      fetchedDays: doneMs / DAY_MS,
      totalDays: totalMs / DAY_MS,
      rows: stored,
      ratePerSecond: tookMs > 0 ? Math.round((stored * 1000) / tookMs) : 0,
      leftMs: doneMs > 0 ? Math.round((tookMs * (totalMs - doneMs)) / doneMs) : 0,
    };
    onProgress(progress);
  }
}

/** What of the range is in none of the others, oldest first. */
function subtract(range: Range, others: readonly Pick<FetchedRange, "fromMs" | "toMs">[]): Range[] {
  let left: Range[] = range.fromMs < range.toMs ? [range] : [];
  for (const other of others) {
    left = left.flatMap((piece) => [
      ...(other.fromMs > piece.fromMs ? [{ fromMs: piece.fromMs, toMs: Math.min(piece.toMs, other.fromMs) }] : []),
      ...(other.toMs < piece.toMs ? [{ fromMs: Math.max(piece.fromMs, other.toMs), toMs: piece.toMs }] : []),
    ]);
  }
  return left.sort((a, b) => a.fromMs - b.fromMs);
}

/** The part of a range from `oldestMs` on, cut at UTC midnights, oldest first. */
function daysOf(range: Range, oldestMs: number): Range[] {
  const days: Range[] = [];
  for (let fromMs = Math.max(range.fromMs, oldestMs); fromMs < range.toMs; ) {
    const toMs = Math.min(range.toMs, (Math.floor(fromMs / DAY_MS) + 1) * DAY_MS);
    days.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return days;
}
