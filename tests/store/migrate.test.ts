import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { admitFile, networkFileSystem } from "../../src/store/admission.ts";
import { checkContracts } from "../../src/store/contracts.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { contractViews, migrate, newestVersion } from "../../src/store/migrate.ts";
import { isOwned, takeOwnership } from "../../src/store/ownership.ts";
import { readLedgers } from "../../src/store/tables/schedule-runs.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);

test("a fresh file has incremental auto_vacuum, WAL and the newest version", () => {
  const db = temporaryDatabase();
  expect(db.pragma("auto_vacuum")).toBe(2);
  expect(db.pragma("journal_mode")).toBe("wal");
  expect(db.pragma("user_version")).toBe(newestVersion());
});

test("migrating a second time changes nothing", () => {
  const db = temporaryDatabase();
  const before = db.all("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
  expect(migrate(db, NOW)).toEqual({ from: newestVersion(), to: newestVersion(), copy: null });
  expect(db.all("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")).toEqual(before);
});

// Broken once: each try at a migration that failed left a copy of the whole file beside it.
test("a migration that fails leaves no copy behind, and can be tried again at once", () => {
  const folder = temporaryFolder();
  const db = openForWriting(join(folder, "older.db"));
  migrate(db, NOW);
  const others = readdirSync(folder);
  // Older by its number alone: a migration that has been done already fails.
  db.pragma(`user_version = ${newestVersion() - 1}`);
  for (let i = 0; i < 2; i += 1) expect(() => migrate(db, NOW)).toThrow(/UNIQUE|already exists|duplicate/);
  expect(readdirSync(folder)).toEqual(others);
  db.close();
});

test("an empty file that somebody else made is taken as a new database", () => {
  const path = join(temporaryFolder(), "empty.db");
  writeFileSync(path, "");
  admitFile(path, newestVersion());
  const db = openForWriting(path);
  migrate(db, NOW);
  expect(db.pragma("auto_vacuum")).toBe(2);
  db.close();
});

test("a database of a newer version is refused and left as it was, byte for byte", () => {
  const path = join(temporaryFolder(), "newer.db");
  const db = openForWriting(path);
  migrate(db, NOW);
  db.pragma(`user_version = ${newestVersion() + 1}`);
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
  const before = readFileSync(path);
  expect(() => admitFile(path, newestVersion())).toThrow(/newer version/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a file that is no database is refused with what to do, and left as it was", () => {
  const path = join(temporaryFolder(), "letter.db");
  writeFileSync(path, "Dear database, ".repeat(20));
  expect(() => admitFile(path, newestVersion())).toThrow(/not an SQLite database.*Move it away/);
  expect(statSync(path).size).toBe(300);
});

test("network and user-space file systems are told from local disks", () => {
  expect(networkFileSystem("anywhere", () => 0x6969)).toBe("NFS");
  expect(networkFileSystem("anywhere", () => 0xff534d42 | 0)).toBe("CIFS");
  expect(networkFileSystem("anywhere", () => 0x65735546)).toBe("FUSE");
  expect(networkFileSystem("anywhere", () => 0xef53)).toBeNull();
});

test("a file has one owner at a time, and a killed owner leaves nothing behind", () => {
  const path = join(temporaryFolder(), "owned.db");
  const release = takeOwnership(path);
  expect(() => takeOwnership(path)).toThrow(/Another running instance owns/);
  release();
  const script = `import { takeOwnership } from ${JSON.stringify(new URL("../../src/store/ownership.ts", import.meta.url).href)};
    takeOwnership(${JSON.stringify(path)}); process.kill(process.pid, "SIGKILL");`;
  const killed = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script]);
  expect(killed.signal).toBe("SIGKILL");
  expect(isOwned(path)).toBe(false);
});

test("every table and view parses on the oldest SQLite that Home Assistant ships", ({ skip }) => {
  const version = spawnSync("sqlite3", ["--version"], { encoding: "utf8" }).stdout ?? "";
  if (version === "") skip("no sqlite3 command on this machine");
  const db = temporaryDatabase();
  for (const { name } of contractViews()) execFileSync("sqlite3", ["-readonly", db.path, `SELECT * FROM ${name} LIMIT 1`]);
});

test("a reader cannot write", () => {
  const db = temporaryDatabase();
  const reader = openForReading(db.path);
  expect(() => reader.exec("DELETE FROM metadata")).toThrow(/readonly/);
  reader.close();
});

test("the schema is the one that was looked at: a change shows as a difference of this file", async () => {
  const db = temporaryDatabase();
  const rows = db.all<{ sql: string }>(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index') ORDER BY type, name",
  );
  await expect(`${rows.map((row) => `${row.sql};`).join("\n\n")}\n`).toMatchFileSnapshot("./schema.golden.sql");
});

test("every view of a fresh file is as its contract promises, and a changed one is found", () => {
  const db = temporaryDatabase();
  expect(checkContracts(db)).toEqual([]);
  db.exec("DROP VIEW vw_gaps; CREATE VIEW vw_gaps AS SELECT 1 AS entity_id");
  const reader = openForReading(db.path);
  expect(checkContracts(reader)).toMatchObject([{ view: "vw_gaps", reason: "missing column" }]);
  reader.close();
});

test("a database of another program is refused and left as it was, byte for byte", () => {
  const path = join(temporaryFolder(), "home-assistant_v2.db");
  const foreign = openForWriting(path);
  foreign.pragma("application_id = 0");
  foreign.exec("CREATE TABLE states (state TEXT)");
  foreign.pragma("wal_checkpoint(TRUNCATE)");
  foreign.close();
  const before = readFileSync(path);
  expect(() => admitFile(path, newestVersion())).toThrow(/another program/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("runs that a stop or a crash cut off are due still", () => {
  const db = temporaryDatabase();
  const receipt = { job: "train", startedAtMs: NOW, finishedAtMs: null, rows: null, error: null };
  execute(db, "putReceipt", { ...receipt, dueAtMs: NOW - 86_400_000, status: "completed" });
  execute(db, "putReceipt", { ...receipt, dueAtMs: NOW, status: "running" });
  execute(db, "closeAbandonedRuns", { nowMs: NOW + 1 });
  expect(readLedgers(db, { jobs: ["train", "new"], nowMs: NOW + 1 })).toEqual(
    new Map([
      ["train", { settledToMs: NOW - 86_400_000, cutOff: [{ dueAtMs: NOW, attempts: 1 }] }],
      ["new", { settledToMs: null, cutOff: [] }],
    ]),
  );
});

test("a file whose first migration lies in the log alone, as after a crash, is known as the app's own", () => {
  const db = temporaryDatabase();
  const folder = temporaryFolder();
  const copy = join(folder, "crashed.db");
  copyFileSync(db.path, copy);
  copyFileSync(`${db.path}-wal`, `${copy}-wal`);
  expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0);
  expect(() => admitFile(copy, newestVersion())).not.toThrow();
  const reopened = openForWriting(copy);
  expect(reopened.pragma("auto_vacuum")).toBe(2);
  expect(reopened.pragma("user_version")).toBe(newestVersion());
  reopened.close();
});
