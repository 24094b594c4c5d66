import { setImmediate } from "node:timers/promises";

/** Entries worked on at one go: 15,000 entities would hold the thread for a tenth of a second. */
const SLICE = 1_000;

/** Calls `work` with slices of the entries, in order, and lets everybody else have a turn before each. */
export async function eachSlice<T>(entries: readonly T[], work: (slice: readonly T[]) => void): Promise<void> {
  for (let i = 0; i < entries.length; i += SLICE) {
    await setImmediate();
    work(entries.slice(i, i + SLICE));
  }
}
