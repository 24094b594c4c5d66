import type { Schedule } from "./schedule.ts";

/** What to do with runs that were due while nobody looked: the app was away, the machine slept, the clock was set forward. */
export type MissedPolicy = "skip" | "once" | "each";

/** What becomes of a run that falls due while the one before goes on: it is left out, or waits for its turn. */
export type OverlapPolicy = "never" | "queue";

export interface Job {
  readonly name: string;
  readonly schedule: Schedule;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  /** A run that takes longer is cancelled and reported. */
  readonly limitMs: number;
  /** Does the work due at that instant; returns the rows it wrote. */
  run(dueAtMs: number, signal: AbortSignal): Promise<number>;
}
