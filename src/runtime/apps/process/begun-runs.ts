import type { Receipt } from "../../../store/tables/schedule-runs.ts";
import type { Receipts } from "../ports.ts";

/** Receipts that know which runs are under way, for the day when those who run them are gone. */
export interface FollowedReceipts extends Receipts {
  /** Writes of each that it was cut off: it is due still, and whoever comes next may begin it. */
  cutOff(finishedAtMs: number, words: string): Promise<void>;
}

export function followRuns(receipts: Receipts): FollowedReceipts {
  /** From before the writer is asked until it has said that they ended. */
  const begun = new Map<string, Parameters<Receipts["beginRun"]>[0]>();
  /** What the writer has been asked and has not answered. */
  const asked = new Set<Promise<unknown>>();
  const keyOf = ({ job, dueAtMs }: Pick<Receipt, "job" | "dueAtMs">): string => `${dueAtMs} ${job}`;

  async function ask<T>(answer: Promise<T>): Promise<T> {
    asked.add(answer);
    try {
      return await answer;
    } finally {
      asked.delete(answer);
    }
  }

  async function begin(run: Parameters<Receipts["beginRun"]>[0]): Promise<number> {
    begun.set(keyOf(run), run);
    let attempt = 0;
    try {
      attempt = await receipts.beginRun(run);
    } finally {
      if (attempt === 0) begun.delete(keyOf(run));
    }
    return attempt;
  }

  async function put(receipt: Receipt): Promise<unknown> {
    const written = await receipts.putReceipt(receipt);
    begun.delete(keyOf(receipt));
    return written;
  }

  return {
    ...receipts,
    beginRun: (run) => ask(begin(run)),
    putReceipt: (receipt) => ask(put(receipt)),
    async cutOff(finishedAtMs, words) {
      // What is at the writer may begin a run yet, or end one.
      await Promise.allSettled(asked);
      for (const run of begun.values()) await put({ ...run, finishedAtMs, status: "interrupted", rows: null, error: words });
    },
  };
}
