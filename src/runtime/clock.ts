import type { Clock, ClockParameters } from "../core/clock.ts";

/** Longest single wait: a system clock that was set while we slept is noticed after this. */
const LONGEST_SLEEP_MS = 30_000;

/** A clock that runs with the system's, `offsetMs` beside it. Build it from the same parameters in every thread. */
export function createSystemClock(
  offsetMs = 0,
  { speed, sinceMs }: NonNullable<ClockParameters["pace"]> = { speed: 1, sinceMs: 0 },
): Clock {
  const nowMs = (): number => sinceMs + (Date.now() - sinceMs) * speed + offsetMs;
  return {
    nowMs,
    steadyMs: () => performance.now() * speed,
    async sleepUntil(atMs, signal) {
      // A clock that is set back meanwhile does not make a short pause one of hours.
      const endsAt = performance.now() + (atMs - nowMs()) / speed;
      for (;;) {
        signal?.throwIfAborted();
        const leftMs = Math.min((atMs - nowMs()) / speed, endsAt - performance.now());
        if (leftMs <= 0) return;
        await pause(Math.min(leftMs, LONGEST_SLEEP_MS), signal);
      }
    },
    timer(periodMs, callback) {
      const handle = setInterval(callback, periodMs / speed);
      return () => clearInterval(handle);
    },
  };
}

export function createClock(parameters: ClockParameters): Clock {
  return createSystemClock(parameters.offsetMs, parameters.pace);
}

/** A clock for replay: it stands still until `jumpTo` moves it. Sleepers wake when it has reached their instant. */
export interface JumpingClock extends Clock {
  jumpTo(atMs: number): void;
}

export function createJumpingClock(startMs: number): JumpingClock {
  let now = startMs;
  const sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  return {
    nowMs: () => now,
    steadyMs: () => now,
    sleepUntil: (atMs, signal) =>
      new Promise((resolve, reject) => {
        if (atMs <= now) return resolve();
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        sleepers.push({ atMs, wake: resolve });
      }),
    timer: () => () => undefined,
    jumpTo(atMs) {
      now = Math.max(now, atMs);
      for (let i = sleepers.length - 1; i >= 0; i -= 1) {
        if (sleepers[i]!.atMs <= now) sleepers.splice(i, 1)[0]!.wake();
      }
    },
  };
}

function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const handle = setTimeout(done, durationMs);
    function stop(): void {
      clearTimeout(handle);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });
}
