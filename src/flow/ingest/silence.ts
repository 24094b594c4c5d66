import type { Clock } from "../../core/clock.ts";
import type { GapReason } from "../../core/events/gap.ts";
import { MINUTE_MS } from "../../core/time.ts";
import type { Gap, StorePort } from "./ports.ts";

/** A silence that is over. */
export interface EndedSilence {
  readonly fromMs: number;
  /** Its row, which begins earlier where it follows another silence that was never filled. */
  readonly row: Gap;
}

export interface Silence {
  /** Nobody listens from `fromMs` on. Told again, the first time counts. */
  begin(reason: GapReason, fromMs: number): void;
  /** Somebody listens again. Resolves to null when there was no silence. @throws what the store rejected with; call it again then */
  end(): Promise<EndedSilence | null>;
  stop(): void;
}

interface Span {
  readonly reason: GapReason;
  readonly fromMs: number;
}

/**
 * Keeps the row of the span in which nobody listens: noted as it begins and once a minute after that, so that readers see it while it lasts
 * and a kill leaves it behind.
 */
export function createSilence(store: Pick<StorePort, "noteGap">, clock: Clock, onTrouble: (error: unknown) => void): Silence {
  let span: Span | null = null;
  /** Begun while the end of the one before is being written, which may take as long as a writer is held up. */
  let next: Span | null = null;
  let isEnding = false;
  let row: Gap | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  function note(): Promise<Gap | null> {
    const mine = turn.then(async () => {
      if (span === null) return null;
      const { reason, fromMs } = span;
      row = await store.noteGap({ entityId: null, fromMs: row?.toMs ?? fromMs, toMs: Math.max(fromMs, clock.nowMs()), reason });
      return row;
    });
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }
  const stopTimer = clock.timer(MINUTE_MS, () => void note().catch(onTrouble));
  function begin(begun: Span): void {
    span = begun;
    row = null;
    note().catch(onTrouble);
  }

  return {
    begin(reason, fromMs) {
      const begun = { reason, fromMs: Math.floor(fromMs) };
      if (span === null) begin(begun);
      else if (isEnding) next ??= begun;
    },
    async end() {
      const fromMs = span?.fromMs;
      isEnding = true;
      try {
        const ended = await note();
        span = null;
        if (next !== null) begin(next);
        return ended === null || fromMs === undefined ? null : { fromMs, row: ended };
      } finally {
        // Where the end could not be noted the span goes on, over the next one, too.
        next = null;
        isEnding = false;
      }
    },
    stop: stopTimer,
  };
}
