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

/**
 * Keeps the row of the span in which nobody listens: noted as it begins and once a minute after that, so that readers see it while it lasts
 * and a kill leaves it behind.
 */
export function createSilence(store: Pick<StorePort, "noteGap">, clock: Clock, onTrouble: (error: unknown) => void): Silence {
  let span: { readonly reason: GapReason; readonly fromMs: number } | null = null;
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
  return {
    begin(reason, fromMs) {
      if (span !== null) return;
      span = { reason, fromMs: Math.floor(fromMs) };
      row = null;
      note().catch(onTrouble);
    },
    async end() {
      const fromMs = span?.fromMs;
      const ended = await note();
      span = null;
      return ended === null || fromMs === undefined ? null : { fromMs, row: ended };
    },
    stop: stopTimer,
  };
}
