import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";
import type { DegradedMarker } from "../store/tables/metadata.ts";
import type { Writer } from "../store/writer.ts";

type Wish = (DegradedMarker & { readonly sinceMs: number }) | "cleared";

export interface OwedMarkers {
  /** What the database shall say of the code; resolves once it does, or once it is clear that it must be tried again. Never rejects. */
  wish(code: string, wish: Wish): Promise<void>;
  /** Another thread has written of this code: what was owed is out of date. */
  forget(code: string): void;
  /** Nothing is tried again from here on. What is owed then is judged anew at the next start. */
  stop(): void;
}

const AGAIN_AFTER_MS = 10_000;

/** Writes what markers shall stand until the database says it: the newest wish for each code, so that a write that fails loses none and leaves none behind. */
export function createOwedMarkers(parts: {
  readonly writer: Writer;
  readonly clock: Clock;
  /** So many rows were taken away. */
  readonly onCleared: (code: string, count: number) => void;
  /** The same trouble once. */
  readonly onTrouble: (error: unknown) => void;
}): OwedMarkers {
  const { writer, clock, onCleared, onTrouble } = parts;
  const owed = new Map<string, Wish>();
  const underWay = new Map<string, Promise<void>>();
  let told = "";
  let stopTimer: (() => void) | null = null;
  let isStopped = false;

  async function settle(code: string): Promise<void> {
    for (let wish = owed.get(code); wish !== undefined; wish = owed.get(code)) {
      try {
        if (wish === "cleared") onCleared(code, await writer.write("clearDegraded", { code }));
        else await writer.write("markDegraded", wish);
      } catch (error) {
        if (reasonOf(error) !== told) onTrouble(error);
        told = reasonOf(error);
        return tryAgain();
      }
      told = "";
      // A newer one came meanwhile: it is written next.
      if (owed.get(code) === wish) owed.delete(code);
    }
  }

  /** One write of a code at a time, or an older one could be the last. */
  function settleOnce(code: string): Promise<void> {
    const running = underWay.get(code);
    if (running !== undefined) return running;
    const settling = settle(code).finally(() => underWay.delete(code));
    underWay.set(code, settling);
    return settling;
  }

  function tryAgain(): void {
    if (isStopped) return;
    stopTimer ??= clock.timer(AGAIN_AFTER_MS, () => {
      if (owed.size === 0) {
        stopTimer?.();
        stopTimer = null;
      }
      for (const code of owed.keys()) void settleOnce(code);
    });
  }

  return {
    wish(code, wish) {
      owed.set(code, wish);
      return settleOnce(code);
    },
    forget: (code) => void owed.delete(code),
    stop() {
      isStopped = true;
      stopTimer?.();
    },
  };
}
