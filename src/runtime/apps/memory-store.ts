import type { Receipt } from "../../store/tables/schedule-runs.ts";
import type { AppStore, Receipts } from "./ports.ts";

/** The store of apps for as long as a simulation lasts. */
export function memoryStore(): AppStore {
  const values = new Map<string, Map<string, string>>();
  const of = (app: string): Map<string, string> => {
    const mine = values.get(app) ?? new Map<string, string>();
    values.set(app, mine);
    return mine;
  };
  return {
    get: async (app, key) => of(app).get(key) ?? null,
    set: async (app, key, json) => void of(app).set(key, json),
    delete: async (app, key) => void of(app).delete(key),
    keys: async (app) => [...of(app).keys()].sort(),
  };
}

/** Receipts as the database keeps them, for as long as a simulation lasts. */
export function memoryReceipts(): Receipts & { readonly all: () => readonly Receipt[] } {
  const receipts = new Map<string, Receipt>();
  const keyOf = ({ job, dueAtMs }: Pick<Receipt, "job" | "dueAtMs">): string => `${job} ${dueAtMs}`;
  const isOpen = (receipt: Receipt | undefined): boolean => receipt === undefined || ["interrupted", "missed"].includes(receipt.status);
  return {
    all: () => [...receipts.values()],
    async ledgerOf(job) {
      const settled = [...receipts.values()].filter((each) => each.job === job && !["running", "interrupted"].includes(each.status));
      const settledToMs = settled.reduce<number | null>((last, { dueAtMs }) => Math.max(last ?? dueAtMs, dueAtMs), null);
      return { settledToMs, cutOff: [] };
    },
    async beginRun(run) {
      if (!isOpen(receipts.get(keyOf(run)))) return 0;
      receipts.set(keyOf(run), { ...run, finishedAtMs: null, status: "running", rows: null, error: null });
      return 1;
    },
    putReceipt: async (receipt) => void receipts.set(keyOf(receipt), receipt),
    async noteRuns(noted) {
      for (const each of noted) {
        if (!receipts.has(keyOf(each))) receipts.set(keyOf(each), { ...each, startedAtMs: null, finishedAtMs: null, rows: null });
      }
    },
  };
}
