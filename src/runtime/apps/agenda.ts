import type { Clock } from "../../core/clock.ts";
import { outsideRuns } from "../run-context.ts";

/** What is to happen at an instant. In time order, those of one instant in the order in which they were noted. */
export interface Agenda {
  at(atMs: number, work: () => void): () => void;
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

export function createAgenda(onEarlier: () => void = () => undefined): Agenda {
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

  return {
    at(atMs, work) {
      const entry = { atMs, order: order++, work };
      const place = placeOf(atMs, entry.order);
      entries.splice(place, 0, entry);
      if (place === entries.length - 1) onEarlier();
      return () => {
        const found = placeOf(entry.atMs, entry.order);
        if (entries[found] === entry) entries.splice(found, 1);
      };
    },
    nextMs: () => entries.at(-1)?.atMs ?? null,
    runDue(nowMs) {
      while (entries.length > 0 && entries.at(-1)!.atMs <= nowMs) entries.pop()!.work();
    },
  };
}

/** An agenda that the clock itself works off, until `stop`. */
export function createLiveAgenda(clock: Clock): Agenda & { stop(): void } {
  let waiting: AbortController | null = null;
  let isStopped = false;
  // Whoever notes something may do so within a run; what is due later is nobody's run.
  const agenda = createAgenda(() => outsideRuns(wait));

  function wait(): void {
    waiting?.abort();
    const nextMs = agenda.nextMs();
    if (isStopped || nextMs === null) return;
    const now = new AbortController();
    waiting = now;
    clock.sleepUntil(nextMs, now.signal).then(
      () => {
        if (now.signal.aborted) return;
        agenda.runDue(clock.nowMs());
        wait();
      },
      () => undefined, // an earlier one came, or the agenda was stopped
    );
  }

  return {
    ...agenda,
    stop() {
      isStopped = true;
      waiting?.abort();
    },
  };
}
