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

interface Owed {
  readonly wish: Wish;
  /** The end of the marker before is not written either: without it this one would have begun when that one did. */
  readonly isEndOwed: boolean;
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
  const owed = new Map<string, Owed>();
  const underWay = new Map<string, Promise<void>>();
  let told = "";
  let stopTimer: (() => void) | null = null;
  let isStopped = false;

  async function settle(code: string): Promise<void> {
    try {
      for (let next = owed.get(code); next !== undefined; next = owed.get(code)) {
        await write(code, next);
        told = "";
        // A newer one came meanwhile: it is written next.
        if (owed.get(code) === next) owed.delete(code);
      }
    } catch (error) {
      if (reasonOf(error) !== told) onTrouble(error);
      told = reasonOf(error);
      tryAgain();
    } finally {
      // In the same turn as the last look: a wish that came between would be sent by nobody.
      underWay.delete(code);
    }
  }

  async function write(code: string, { wish, isEndOwed }: Owed): Promise<void> {
    if (wish === "cleared" || isEndOwed) onCleared(code, await writer.write("clearDegraded", { code }));
    if (wish !== "cleared") await writer.write("markDegraded", wish);
  }

  /** One write of a code at a time, or an older one could be the last. */
  function settleOnce(code: string): Promise<void> {
    const running = underWay.get(code);
    if (running !== undefined) return running;
    const settling = settle(code);
    underWay.set(code, settling);
    return settling;
  }

  /** Of a marker whose words change before they are written the first instant counts. */
  function newest(wish: Wish, before: Owed | undefined): Owed {
    if (wish === "cleared" || before === undefined) return { wish, isEndOwed: false };
    if (before.wish === "cleared") return { wish, isEndOwed: true };
    return { wish: { ...wish, sinceMs: before.wish.sinceMs }, isEndOwed: before.isEndOwed };
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
      owed.set(code, newest(wish, owed.get(code)));
      return settleOnce(code);
    },
    forget: (code) => void owed.delete(code),
    stop() {
      isStopped = true;
      stopTimer?.();
    },
  };
}
