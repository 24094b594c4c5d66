import type { Receipt } from "../../../store/tables/schedule-runs.ts";
import type { Receipts } from "../ports.ts";

/** Receipts that know which runs are under way, for the day when those who run them are gone. */
export interface FollowedReceipts extends Receipts {
  /** Writes of each that it was cut off: it is due still, and whoever comes next may begin it. */
  cutOff(finishedAtMs: number, words: string): Promise<void>;
}

export function followRuns(receipts: Receipts): FollowedReceipts {
  const begun = new Map<string, Parameters<Receipts["beginRun"]>[0]>();
  const keyOf = ({ job, dueAtMs }: Pick<Receipt, "job" | "dueAtMs">): string => `${dueAtMs} ${job}`;
  return {
    ...receipts,
    async beginRun(run) {
      const attempt = await receipts.beginRun(run);
      if (attempt > 0) begun.set(keyOf(run), run);
      return attempt;
    },
    async putReceipt(receipt) {
      const written = await receipts.putReceipt(receipt);
      begun.delete(keyOf(receipt));
      return written;
    },
    async cutOff(finishedAtMs, words) {
      const runs = [...begun.values()];
      begun.clear();
      for (const run of runs) await receipts.putReceipt({ ...run, finishedAtMs, status: "interrupted", rows: null, error: words });
    },
  };
}
