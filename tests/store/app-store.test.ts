import { expect, test } from "vitest";
import { execute } from "../../src/store/inline-writer.ts";
import { appKeys, getAppValue } from "../../src/store/tables/app-store.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 0, 10);

test("an app's values are its own, and what is too much is refused and changes nothing", () => {
  const db = temporaryDatabase();
  const put = (app: string, key: string, json: string) => execute(db, "putAppValue", { app, key, json, nowMs: NOW });
  expect(put("one", "a", "1")).toBeNull();
  expect(put("two", "a", "2")).toBeNull();
  expect(put("one", "a", '"new"')).toBeNull();
  expect([getAppValue(db, { app: "one", key: "a" }), getAppValue(db, { app: "two", key: "a" })]).toEqual(['"new"', "2"]);
  // 64 KB by bytes, not by letters.
  expect(put("one", "a", `"${"é".repeat(40_000)}"`)).toMatch(/80002 bytes; at most 65536/);
  expect(getAppValue(db, { app: "one", key: "a" })).toBe('"new"');
  for (let i = 0; i < 16; i += 1) put("one", `large${i}`, `"${"x".repeat(65_000)}"`);
  expect(put("one", "more", `"${"x".repeat(20_000)}"`)).toMatch(/more than 1048576 bytes/);
  expect(put("two", "more", `"${"x".repeat(20_000)}"`)).toBeNull();
  for (let i = 0; i < 998; i += 1) expect(put("two", `k${i}`, "0")).toBeNull();
  expect(put("two", "one too many", "0")).toMatch(/1000 keys/);
  expect(put("two", "k1", "1")).toBeNull();
  expect(execute(db, "deleteAppValue", { app: "two", key: "k1" })).toBe(1);
  expect(put("two", "one too many", "0")).toBeNull();
  expect(appKeys(db, "one")).toHaveLength(17);
});

test("markers of apps are cleared together, by their beginning alone", () => {
  const db = temporaryDatabase();
  const words = { cause: "c", effect: "e", remedy: "r", sinceMs: NOW };
  for (const code of ["app_failed_a", "app_behind_b", "apps_file_wrong", "job_failed_x"]) execute(db, "markDegraded", { code, ...words });
  expect(execute(db, "clearDegraded", { code: "app_*" })).toBe(2);
  expect(db.all<{ code: string }>("SELECT code FROM degraded ORDER BY code").map((row) => row.code)).toEqual([
    "apps_file_wrong",
    "job_failed_x",
  ]);
});
