/** The home's own time: a saved instant plus the real time since, so that time in which nobody ran the home does not exist for it. */
export interface HomeClock {
  nowMs(): number;
  nowUs(): number;
  /** Real milliseconds until that instant of the home. */
  waitMs(atMs: number): number;
}

/** The system's time: where a home begins that was not told when. */
export function systemNowMs(): number {
  return Date.now();
}

/** It follows the system's clock (`Date.now`), as its clients do, so that both see the same jumps of it. */
export function createHomeClock(startMs: number, speed = 1): HomeClock {
  const realStartMs = systemNowMs();
  const nowMs = (): number => startMs + (systemNowMs() - realStartMs) * speed;
  return {
    nowMs,
    // The system's clock has milliseconds; the digits below come from the timer, because Home Assistant's instants have microseconds.
    nowUs: () => Math.floor(nowMs()) * 1000 + (Math.floor(performance.now() * 1000) % 1000),
    waitMs: (atMs) => Math.max(0, (atMs - nowMs()) / speed),
  };
}
