import { setImmediate } from "node:timers/promises";

/** Rows of one write: each is one short turn of the loop here and one short transaction there. */
const ROWS_PER_WRITE = 2_000;

/** Calls `write` for slices in order, once at least; `isLast` with the last. Resolves to the sum of what it resolved to. */
export async function inSlices<T>(rows: readonly T[], write: (slice: readonly T[], isLast: boolean) => Promise<number>): Promise<number> {
  let sum = 0;
  for (let i = 0; i === 0 || i < rows.length; i += ROWS_PER_WRITE) {
    sum += await write(rows.slice(i, i + ROWS_PER_WRITE), i + ROWS_PER_WRITE >= rows.length);
  }
  return sum;
}

/** Entities worked on at one go: 15,000 would hold the thread for a tenth of a second. */
const ENTITIES_PER_TURN = 1_000;

/** Calls `work` with slices of the entries, in order, and lets everybody else have a turn before each. */
export async function eachSlice<T>(entries: readonly T[], work: (slice: readonly T[]) => void): Promise<void> {
  for (let i = 0; i < entries.length; i += ENTITIES_PER_TURN) {
    await setImmediate();
    work(entries.slice(i, i + ENTITIES_PER_TURN));
  }
}
