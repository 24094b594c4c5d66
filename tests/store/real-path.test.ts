import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { makeBackup } from "../../src/store/backup.ts";
import { isOwned, takeOwnership } from "../../src/store/ownership.ts";
import { realPath } from "../../src/store/real-path.ts";
import { planRestore } from "../../src/store/restore.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

// Broken once: the lock lay beside the link, and a second instance took the same file.
test("a file has one owner by whatever link it is named", () => {
  const folder = temporaryFolder();
  const file = join(folder, "there", "home.db");
  mkdirSync(join(folder, "there"));
  const links = ["a.db", "b.db", "folder"].map((name) => join(folder, name));
  symlinkSync(file, links[0]!);
  symlinkSync("a.db", links[1]!);
  symlinkSync("there", links[2]!);
  const names = [file, links[0]!, links[1]!, join(links[2]!, "home.db")];
  for (const isMade of [false, true]) {
    if (isMade) writeFileSync(file, "");
    expect(names.map((name) => realPath(name))).toEqual(names.map(() => file));
    for (const owner of names) {
      const release = takeOwnership(owner);
      for (const name of names) {
        expect(isOwned(name)).toBe(true);
        expect(() => takeOwnership(name, 0)).toThrow(/Another running instance owns/);
      }
      release();
      expect(isOwned(file)).toBe(false);
    }
  }
});

test("whatever lies beside the database follows the file, also one that is not made yet", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "disk"));
  symlinkSync(join(folder, "disk"), join(folder, "data"));
  symlinkSync(join("data", "real.db"), join(folder, "named.db"));
  expect(readConfig({ DB_PATH: join(folder, "named.db") }).dbPath).toBe(join(folder, "disk", "real.db"));
  expect(readConfig({ DATA_FOLDER: join(folder, "data", "new") }).dbPath).toBe(join(folder, "disk", "new", "ha_ml_data_layer.db"));
});

test("links that lead in a circle end somewhere", () => {
  const folder = temporaryFolder();
  symlinkSync("one", join(folder, "two"));
  symlinkSync("two", join(folder, "one"));
  expect(realPath(join(folder, "one"))).toMatch(/(?:one|two)$/);
});

test("a link to the database is neither a target for its backup nor a backup to restore", () => {
  const db = temporaryDatabase();
  const link = join(temporaryFolder(), "link.db");
  symlinkSync(db.path, link);
  expect(() => makeBackup({ dbPath: db.path, target: link, scope: "all", nowMs: 0 })).toThrow(/is the database itself/);
  expect(() => planRestore({ dbPath: db.path, source: link, nowMs: 0, loss: null })).toThrow(/is the database itself/);
});
