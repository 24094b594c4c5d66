import type { Clock } from "../../../core/clock.ts";
import { outsideRuns } from "../../run-context.ts";

/** What is to happen later. In time order, those of one instant in the order in which they were noted. */
export interface Agenda {
  /** At an instant of the clock, which may be set meanwhile. */
  at(atMs: number, work: () => void): () => void;
  /** After so long, whatever the clock is set to meanwhile. */
  after(spanMs: number, work: () => void): () => void;
}

/** An agenda that somebody works off. */
export interface OpenAgenda extends Agenda {
  /** When the next one is due, or null. */
  nextMs(): number | null;
  /** Does all that is due by then. */
  runDue(nowMs: number): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly work: () => void;
}

export function createAgenda(nowMs: () => number, onEarlier: () => void = () => undefined): OpenAgenda {
  const entries: Entry[] = []; // latest first, so that the next is taken from the end
  let order = 0;

  function placeOf(atMs: number, number: number): number {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = entries[middle]!;
      if (entry.atMs > atMs || (entry.atMs === atMs && entry.order > number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function at(atMs: number, work: () => void): () => void {
    const entry = { atMs, order: order++, work };
    const place = placeOf(atMs, entry.order);
    entries.splice(place, 0, entry);
    if (place === entries.length - 1) onEarlier();
    return () => {
      const found = placeOf(entry.atMs, entry.order);
      if (entries[found] === entry) entries.splice(found, 1);
    };
  }

  return {
    at,
    after: (spanMs, work) => at(nowMs() + spanMs, work),
    nextMs: () => entries.at(-1)?.atMs ?? null,
    runDue(untilMs) {
      while (entries.length > 0 && entries.at(-1)!.atMs <= untilMs) entries.pop()!.work();
    },
  };
}

/** An agenda that the clock itself works off, until `stop`. Instants follow the clock that may be set; spans last as long as they were asked for. */
export function createLiveAgenda(clock: Clock): Agenda & { stop(): void } {
  let waiting: AbortController | null = null;
  let isStopped = false;
  // Whoever notes something may do so within a run; what is due later is nobody's run.
  const onEarlier = (): void => outsideRuns(wait);
  const instants = createAgenda(clock.nowMs, onEarlier);
  const spans = createAgenda(clock.steadyMs, onEarlier);

  function wait(): void {
    waiting?.abort();
    const nowMs = clock.nowMs();
    const leftMs = Math.min(leftOf(instants, nowMs), leftOf(spans, clock.steadyMs()));
    if (isStopped || leftMs === Number.POSITIVE_INFINITY) return;
    const now = new AbortController();
    waiting = now;
    clock.sleepUntil(nowMs + leftMs, now.signal).then(
      () => {
        if (now.signal.aborted) return;
        instants.runDue(clock.nowMs());
        spans.runDue(clock.steadyMs());
        wait();
      },
      () => undefined, // an earlier one came, or the agenda was stopped
    );
  }

  return {
    at: instants.at,
    after: spans.after,
    stop() {
      isStopped = true;
      waiting?.abort();
    },
  };
}

function leftOf(agenda: OpenAgenda, nowMs: number): number {
  return (agenda.nextMs() ?? Number.POSITIVE_INFINITY) - nowMs;
}
