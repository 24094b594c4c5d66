import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { runReadingWork } from "../../../src/runtime/threads/file-work.ts";
import { openUnshared } from "../../../src/store/db.ts";
import { temporaryFolder } from "../../helpers/database.ts";
import { keptHome, NOW } from "../../store/kept-home.ts";

test("a check and a backup are done in a process of their own, and what they refuse arrives in their own words", async () => {
  const folder = temporaryFolder();
  const { path: dbPath } = keptHome(folder, { name: "home.db" });
  expect(await runReadingWork("check", { dbPath })).toEqual([]);
  const target = join(folder, "copy.db");
  const { path, bytes } = await runReadingWork("backUp", { dbPath, target, scope: "all", nowMs: NOW });
  expect([path, bytes > 0, existsSync(target)]).toEqual([target, true, true]);
  const refused = runReadingWork("backUp", { dbPath, target: dbPath, scope: "all", nowMs: NOW });
  await expect(refused).rejects.toThrow("is the database itself; name another file for its backup");
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

// Broken once: in a thread, which cannot be ended within a statement, both took the ten seconds for which SQLite waits for the lock.
test("a cancel ends SQLite in the middle of a statement, as does one that came before", async () => {
  const path = join(temporaryFolder(), "locked.db");
  const holder = openUnshared(path);
  holder.exec("CREATE TABLE t (n); BEGIN EXCLUSIVE");
  const cancel = new AbortController();
  const check = runReadingWork("check", { dbPath: path }, cancel.signal);
  const ended = expect(check).rejects.toThrow("not wanted any more");
  await pause(4000); // it has begun, and SQLite waits for the lock
  const fromMs = performance.now();
  cancel.abort(new Error("not wanted any more"));
  await ended;
  expect(performance.now() - fromMs).toBeLessThan(2000);
  await expect(runReadingWork("check", { dbPath: path }, cancel.signal)).rejects.toThrow("not wanted any more");
  holder.close();
});
