import { type Db, openForReading } from "../db.ts";
import { getMetadata, setMetadata } from "./metadata.ts";

/** The highest numbers that a label and a change ever had: a page that shows one which is gone must never mean another. */
export interface LastNumbers {
  readonly label: number;
  readonly change: number;
}

/** What was turned down leaves no history, hence the numbers that are kept beside the rows. */
export function lastLabelId(db: Db): number {
  return highest(db, "SELECT (SELECT max(id) FROM labels) AS here, (SELECT max(label_id) FROM label_history) AS gone", "last_label_id");
}

export function lastChangeId(db: Db): number {
  return highest(db, "SELECT max(id) AS here, NULL AS gone FROM change_points", "last_change_id");
}

function highest(db: Db, sql: string, key: "last_label_id" | "last_change_id"): number {
  const { here, gone } = db.get<{ here: number | null; gone: number | null }>(sql)!;
  return Math.max(here ?? 0, gone ?? 0, Number(getMetadata(db, key) ?? 0));
}

/** Of a file that is about to be overwritten by an older one. Where it cannot be read, the clock gives a number that none can have had. */
export function lastNumbersOf(path: string, nowMs: number): LastNumbers {
  try {
    const db = openForReading(path);
    try {
      const found = { label: lastLabelId(db), change: lastChangeId(db) };
      if (Number.isSafeInteger(found.label) && Number.isSafeInteger(found.change)) return found;
    } finally {
      db.close();
    }
  } catch {
    // Why it cannot be read is told by whoever found it damaged.
  }
  return { label: Math.ceil(nowMs), change: Math.ceil(nowMs) };
}

/** Numbers go on behind these. */
export function goOnBehind(db: Db, { label, change }: LastNumbers): void {
  setMetadata(db, {
    last_label_id: String(Math.max(label, lastLabelId(db))),
    last_change_id: String(Math.max(change, lastChangeId(db))),
  });
}
