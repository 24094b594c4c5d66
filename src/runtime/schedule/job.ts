import type { Schedule } from "./schedule.ts";

/** What to do with runs that were due while the app was away or busy. */
export type MissedPolicy = "skip" | "once" | "each";

export interface Job {
  readonly name: string;
  readonly schedule: Schedule;
  readonly missed: MissedPolicy;
  /** A run that takes longer is cancelled and reported. */
  readonly limitMs: number;
  /** Does the work due at that instant; returns the rows it wrote. */
  run(dueAtMs: number, signal: AbortSignal): Promise<number>;
}
