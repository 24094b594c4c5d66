import type { Receipt } from "../../../store/tables/schedule-runs.ts";
import type { AppStore, Receipts } from "../ports.ts";

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

type Kept = Receipt & { readonly attempts: number };

/** Receipts as the database keeps them, for as long as a simulation lasts. */
export function memoryReceipts(): Receipts & { readonly all: () => readonly Kept[] } {
  const receipts = new Map<string, Kept>();
  const known = new Map<string, number>();
  const keyOf = ({ job, dueAtMs }: Pick<Receipt, "job" | "dueAtMs">): string => `${job} ${dueAtMs}`;
  const isOpen = (receipt: Receipt | undefined): boolean => receipt === undefined || ["interrupted", "missed"].includes(receipt.status);
  return {
    all: () => [...receipts.values()],
    async ledgerOf(job) {
      const mine = [...receipts.values()].filter((each) => each.job === job).sort((a, b) => a.dueAtMs - b.dueAtMs);
      const settledToMs = mine.findLast(({ status }) => !["running", "interrupted"].includes(status))?.dueAtMs ?? null;
      return {
        settledToMs,
        cutOff: mine.filter(({ status, dueAtMs }) => status === "interrupted" && dueAtMs > (settledToMs ?? dueAtMs - 1)),
      };
    },
    async knownSinceMs(job, nowMs) {
      known.set(job, Math.min(known.get(job) ?? nowMs, nowMs));
      return known.get(job)!;
    },
    async beginRun(run) {
      const before = receipts.get(keyOf(run));
      if (!isOpen(before)) return 0;
      const attempts = (before?.attempts ?? 0) + 1;
      receipts.set(keyOf(run), { ...run, finishedAtMs: null, status: "running", rows: null, error: null, attempts });
      return attempts;
    },
    async putReceipt(receipt) {
      const before = receipts.get(keyOf(receipt));
      if (receipt.status === "interrupted" && before !== undefined && before.status !== "running") return;
      receipts.set(keyOf(receipt), { attempts: 0, ...before, ...receipt });
    },
    async noteRuns(noted) {
      for (const each of noted) {
        if (receipts.has(keyOf(each))) continue;
        receipts.set(keyOf(each), { ...each, startedAtMs: null, finishedAtMs: null, rows: null, attempts: 0 });
      }
    },
  };
}
