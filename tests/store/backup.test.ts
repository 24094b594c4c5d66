import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBackup } from "../../src/store/backup.ts";
import { backupPath, deleteLeftOver, deleteOlderBackups, inspectBackup, listBackups, newestUsable } from "../../src/store/backup-files.ts";
import { openForReading, openUnshared } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { contractViews, newestVersion } from "../../src/store/migrate.ts";
import { takeOwnership } from "../../src/store/ownership.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { counts, event, keptHome, NOW } from "./kept-home.ts";

test("a whole backup holds every row of every table, also those that stand in the log alone", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  expect(statSync(`${db.path}-wal`).size).toBeGreaterThan(0);
  const target = join(folder, "snapshot.db");
  const facts = makeBackup({ dbPath: db.path, target, scope: "all", nowMs: NOW });
  const copy = openForReading(target);
  const [here, there] = [counts(db), counts(copy)];
  expect({ ...there, metadata: 0 }).toEqual({ ...here, metadata: 0 });
  expect(facts).toMatchObject({ path: target, scope: "all", madeAtUtc: new Date(NOW).toISOString(), schemaVersion: newestVersion() });
  copy.close();
  db.close();
});

test("a part holds what cannot be fetched again: labels, models, features of labelled windows, the newest event of each entity", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const target = join(folder, "part.db");
  makeBackup({ dbPath: db.path, target, scope: "part", nowMs: NOW });
  const copy = openForReading(target);
  const [here, there] = [counts(db), counts(copy)];
  const reduced = { raw_events: 3, features: 11, entity_pasts: 0, metadata: expect.any(Number) };
  expect(there).toEqual({ ...here, ...reduced });
  expect(copy.all("SELECT state FROM raw_events ORDER BY state")).toEqual([{ state: "0" }, { state: "1" }, { state: "2" }]);
  expect(copy.all("SELECT key, value FROM health WHERE key IN ('events_total', 'features_total') ORDER BY key")).toEqual([
    { key: "events_total", value: "3" },
    { key: "features_total", value: "11" },
  ]);
  for (const { name } of contractViews()) copy.all(`SELECT * FROM ${name}`);
  expect(copy.get("SELECT value FROM metadata WHERE key = 'backfill_done_at'")).toBeUndefined();
  expect(copy.pragma("auto_vacuum")).toBe(2);
  copy.close();
  db.close();
});

test("a backup is one instant: what is written while it is made is in it wholly or not at all", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const reader = openForReading(db.path);
  reader.exec("BEGIN");
  reader.all("SELECT 1 FROM metadata");
  execute(db, "insertEvents", { events: [event("light.new", NOW + 1000)], nowMs: NOW });
  const target = join(folder, "later.db");
  makeBackup({ dbPath: db.path, target, scope: "all", nowMs: NOW });
  reader.exec("COMMIT");
  reader.close();
  const copy = openForReading(target);
  expect(copy.get("SELECT count(*) AS n FROM raw_events")).toEqual({ n: 301 });
  expect(copy.get("SELECT value FROM health WHERE key = 'events_total'")).toEqual({ value: "301" });
  copy.close();
  db.close();
});

test("a backup that fails leaves the one before it as it was, and no half-written file", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const target = join(folder, "snapshot.db");
  makeBackup({ dbPath: db.path, target, scope: "all", nowMs: NOW });
  const before = readFileSync(target);
  db.close();
  // Pages of the middle of the file gone: the copy cannot be right.
  truncateSync(db.path, 4096 * 6);
  expect(() => makeBackup({ dbPath: db.path, target, scope: "all", nowMs: NOW + 1 })).toThrow();
  expect(readFileSync(target).equals(before)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

// Broken once: it was opened to write, and closing it wrote the log of the file that had been there into the one that had taken its place.
test.each(["all", "part"] as const)(
  "a backup (%s) only reads: a file put in the database's place keeps its bytes, one that is gone is not made",
  (scope) => {
    const folder = temporaryFolder();
    const db = keptHome(folder);
    const other = join(folder, "other.db");
    makeBackup({ dbPath: db.path, target: other, scope: "all", nowMs: NOW });
    execute(db, "insertEvents", { events: [event("light.later", NOW + 1, "on")], nowMs: NOW });
    renameSync(other, db.path);
    const bytes = readFileSync(db.path);
    const backUp = (): unknown => makeBackup({ dbPath: db.path, target: join(folder, "snapshot.db"), scope, nowMs: NOW });
    try {
      backUp();
    } catch {
      // What the two files together say may be nothing that can be read.
    }
    expect(readFileSync(db.path).equals(bytes)).toBe(true);
    rmSync(db.path);
    expect(backUp).toThrow();
    expect(existsSync(db.path)).toBe(false);
    db.close();
  },
);

test("the database itself is never taken for its backup's name", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  expect(() => makeBackup({ dbPath: db.path, target: db.path, scope: "all", nowMs: NOW })).toThrow(/is the database itself/);
  expect(() => makeBackup({ dbPath: db.path, target: folder, scope: "all", nowMs: NOW })).toThrow(/is not a file/);
  db.close();
});

test("only an empty file, or one of this app's that nobody uses, is replaced by a backup", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const into = (target: string) => makeBackup({ dbPath: db.path, target, scope: "part", nowMs: NOW });
  // Broken once: README.md became a database, and so did the database's own log.
  const letter = join(folder, "README.md");
  writeFileSync(letter, "Dear reader, ".repeat(20));
  const foreign = join(folder, "foreign.db");
  const other = openUnshared(foreign);
  other.exec("CREATE TABLE theirs (x)");
  other.close();
  for (const target of [letter, foreign]) {
    const before = readFileSync(target);
    expect(() => into(target)).toThrow(/is no backup of this app.*Name another file, or delete it first/);
    expect(readFileSync(target).equals(before)).toBe(true);
  }
  const names = ["-wal", "-shm", "-journal", ".lock", ".lock-journal", ".sock", ".before-restore-2026", ".before-v5-1", ".damaged-2026"];
  for (const name of names) expect(() => into(`${db.path}${name}`), name).toThrow(/belongs to the database/);
  symlinkSync(folder, join(folder, "link"));
  expect(() => into(join(folder, "link", "home.db-wal"))).toThrow(/belongs to the database/);
  const another = join(folder, "another.db");
  db.copyTo(another);
  const release = takeOwnership(another);
  expect(() => into(another)).toThrow(/an app that runs/);
  release();
  const empty = join(folder, "empty.db");
  writeFileSync(empty, "");
  for (const target of [empty, another, empty]) expect(into(target).path).toBe(target);
  db.close();
});

test("only this database's older backups go, and the newest stays even when none should be kept", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const backups = join(folder, "backups");
  const paths = [0, 1, 2, 3].map((day) => backupPath(backups, db.path, NOW + day * 86_400_000));
  for (const [day, target] of paths.entries()) makeBackup({ dbPath: db.path, target, scope: "part", nowMs: NOW + day });
  const foreign = ["other-2020-01-01T00-00-00.000Z.backup.db", "home-notes.backup.db", "home-2020.db"];
  for (const name of foreign) writeFileSync(join(backups, name), "mine");
  const cutOff = join(backups, "home-2026-11-21T00-00-00.000Z.backup.db.tmp");
  writeFileSync(cutOff, "half");
  expect(deleteOlderBackups(backups, db.path, { keep: 3, restoredFrom: null })).toEqual([paths[0]]);
  expect(listBackups(backups, db.path)).toEqual([paths[3], paths[2], paths[1]]);
  expect(deleteOlderBackups(backups, db.path, { keep: 0, restoredFrom: null })).toEqual([paths[2], paths[1]]);
  for (const name of foreign) expect(existsSync(join(backups, name))).toBe(true);
  deleteLeftOver(backups, db.path);
  expect(existsSync(cutOff)).toBe(false);
  db.close();
});

test("a damaged, foreign or newer file is no source of a restore, and the newest good one is found behind it", () => {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const backups = join(folder, "backups");
  const [good, cut, letter] = [0, 1, 2].map((day) => backupPath(backups, db.path, NOW + day * 86_400_000)) as [string, string, string];
  makeBackup({ dbPath: db.path, target: good, scope: "part", nowMs: NOW });
  copyFileSync(good, cut);
  truncateSync(cut, 4096 * 4);
  writeFileSync(letter, "Dear database, ".repeat(20));
  const { usable, passedOver } = newestUsable(backups, db.path);
  expect(usable?.path).toBe(good);
  expect(passedOver).toEqual([expect.stringMatching(/is not an SQLite database/), expect.stringMatching(/is damaged/)]);
  db.pragma(`user_version = ${newestVersion() + 1}`);
  makeBackupOfNewer(db.path, join(folder, "newer.db"));
  expect(() => inspectBackup(join(folder, "newer.db"))).toThrow(/newer version.*Update the app/);
  db.pragma("application_id = 7");
  makeBackupOfNewer(db.path, join(folder, "foreign.db"));
  expect(() => inspectBackup(join(folder, "foreign.db"))).toThrow(/another program/);
  db.close();
});

function makeBackupOfNewer(dbPath: string, target: string): void {
  const reader = openForReading(dbPath);
  reader.copyTo(target);
  reader.close();
}
