import { stat } from "node:fs/promises";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { createSystemClock } from "../../clock.ts";
import type { RealWork } from "./real-work.ts";

export interface RestParts {
  /** Nothing of the app is under way: no callback, no start, no end. */
  readonly hasEnded: () => boolean;
  /** Whether the app was called, or something that it asked is unanswered, since this was asked last. */
  readonly isBusy: () => boolean;
  /** The app asked to be called: whatever of it is under way may wait for that. */
  readonly mayWaitForHome: () => boolean;
  readonly real: RealWork;
}

/** `waiting`: what is under way waits for the home's clock or for something to happen there. */
export type Rest = "ended" | "waiting" | "late";

/** What waits for real time, not for the home's, is not waited for beyond this. */
export const REST_LIMIT_MS = 10_000;
/** Turns of the event loop, each with real I/O, in which nothing happens. */
const QUIET_TURNS = 3;
/** An answer over a connection that was there before, or from Node's own threads, is on no list: it may take this long. */
const PATIENCE_MS = 50;

/** Until nothing of the app goes on, unless it waits for the home. */
export async function comeToRest({ hasEnded, isBusy, mayWaitForHome, real }: RestParts): Promise<Rest> {
  const { steadyMs } = createSystemClock();
  const begunAtMs = steadyMs();
  let quietSinceMs = begunAtMs;
  let quietTurns = 0;
  isBusy();
  for (;;) {
    await turn();
    const isQuiet = !isBusy();
    if (isQuiet && hasEnded()) return "ended";
    const nowMs = steadyMs();
    if (nowMs - begunAtMs >= REST_LIMIT_MS) return "late";
    const isReal = isQuiet && real.isUnderWay();
    if (isReal) await pause(1);
    if (!isQuiet || isReal) {
      quietTurns = 0;
      quietSinceMs = nowMs;
      continue;
    }
    quietTurns += 1;
    const isPatient = real.isHeld() || !mayWaitForHome();
    if (quietTurns > QUIET_TURNS && (!isPatient || nowMs - quietSinceMs >= PATIENCE_MS)) return "waiting";
    if (quietTurns > QUIET_TURNS) await pause(1);
    else await stat(import.meta.dirname);
  }
}
