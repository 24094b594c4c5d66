import { expect, test } from "vitest";
import { pageOfReceipts } from "../../src/store/pages/operations.ts";
import { temporaryDatabase } from "../helpers/database.ts";

// Broken once: a later migration made the table anew without the index, and SQLite sorted all 120,000 receipts of a year, half a second each time.
test("a page of receipts steps through an index and sorts nothing, whatever it is asked for", () => {
  const db = temporaryDatabase();
  const asked: string[] = [];
  const listening = {
    ...db,
    all<T>(sql: string, ...values: Parameters<typeof db.all>[1][]) {
      asked.push(sql);
      return db.all<T>(sql, ...values);
    },
  };
  for (const query of [{}, { job: "train" }, { status: "failed" }, { fromMs: 1, toMs: 2 }])
    pageOfReceipts(listening, { limit: 10, offset: 5, ...query });
  expect(asked).toHaveLength(4);
  for (const sql of asked) {
    const plan = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll("?", "1")}`).map(({ detail }) => detail);
    expect(plan.join("; ")).toMatch(/USING INDEX/);
    expect(plan.join("; ")).not.toMatch(/TEMP B-TREE FOR ORDER BY/);
  }
});
