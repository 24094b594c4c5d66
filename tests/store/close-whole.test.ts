import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { closeWhole } from "../../src/store/close-whole.ts";
import { checkFile, lossOf } from "../../src/store/damage.ts";
import { type Db, openForReading } from "../../src/store/db.ts";
import { checkpointLog } from "../../src/store/log-file.ts";
import { rememberOpenFiles } from "../../src/store/open-files.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { counts, keptHome, NOW } from "./kept-home.ts";

function opened() {
  const folder = temporaryFolder();
  const db: Db = keptHome(folder);
  return { folder, db, path: db.path, files: rememberOpenFiles(db.path) };
}

function countsOf(path: string): ReturnType<typeof counts> {
  const db = openForReading(path);
  try {
    return counts(db);
  } finally {
    db.close();
  }
}

test("a file in its place is closed and nothing else", () => {
  const { folder, db, path, files } = opened();
  const before = statSync(path).ino;
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: null, lost: null });
  expect([statSync(path).ino, readdirSync(folder)]).toEqual([before, ["home.db"]]);
});

test("what is held of a file that was removed stands in its place after the close, whole and without the old log", () => {
  const { folder, db, path, files } = opened();
  const before = counts(db);
  const reader = openForReading(path);
  reader.get("SELECT count(*) FROM raw_events");
  rmSync(path);
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: path, lost: null });
  // Broken once: the reader kept the old log where it was, and it was read into the new file.
  expect(readdirSync(folder)).toEqual(["home.db"]);
  reader.close();
  expect([lossOf(path), checkFile(path)]).toEqual([null, []]);
  expect(countsOf(path)).toEqual(before);
});

test("its folder may be gone as well", () => {
  const { folder, db, path, files } = opened();
  rmSync(folder, { recursive: true });
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: path, lost: null });
  expect(checkFile(path)).toEqual([]);
});

test("another file in its place is left as it is, and what was held is kept beside it", () => {
  const { folder, db, path, files } = opened();
  const other = join(folder, "other.db");
  db.copyTo(other);
  db.run("DELETE FROM raw_events");
  renameSync(other, path);
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: `${path}.replaced-2026-11-21T00-00-00.000Z`, lost: null });
  expect(countsOf(path)).toMatchObject({ raw_events: 300 });
  expect(countsOf(`${path}.replaced-2026-11-21T00-00-00.000Z`)).toMatchObject({ raw_events: 0 });
});

test("an empty file in its place holds nothing, so what was held stands there again", () => {
  const { db, path, files } = opened();
  const before = counts(db);
  rmSync(path);
  // Broken once: a program that had opened the path to write had made the file anew, so the content went beside it and an older backup was restored.
  writeFileSync(path, "");
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: path, lost: null });
  expect(countsOf(path)).toEqual(before);
});

test("what cannot be written anew is said to be lost, and no half of it is left", () => {
  const { folder, db, path, files } = opened();
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "a file where the folder was");
  expect(closeWhole(db, files, NOW)).toEqual({ writtenAs: null, lost: expect.stringMatching(/EEXIST|ENOTDIR/) });
  expect(existsSync(path)).toBe(false);
});

test("files that stay where they are never count as moved: not over checkpoints, other readers, or a copy", () => {
  const { folder, db, path, files } = opened();
  expect(files.moved()).toBeNull();
  for (const mode of ["passive", "empty"] as const) {
    db.run("UPDATE metadata SET value = value");
    checkpointLog(db, mode);
    openForReading(path).close();
    db.copyTo(join(folder, `${mode}.db`));
    expect(files.moved()).toBeNull();
  }
  db.close();
});

test.each(["", "-wal", "-shm"])("home.db%s is missed where it was removed, and where another took its place", (suffix) => {
  const { db, path, files } = opened();
  const name = `${path}${suffix}`;
  copyFileSync(name, `${name}.copy`);
  rmSync(name);
  expect(files.moved()).toBe(`the file ${name} is missing`);
  renameSync(`${name}.copy`, name);
  expect(files.moved()).toBe(`the file ${name} is another than the app has open`);
  db.close();
});
