import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryFolder } from "../helpers/database.ts";

/** Files and folders that are not what a command needs: it says what they are and what to do, and no code of the system's. */

const COMMANDS = resolve(import.meta.dirname, "../../src/cli.ts");
/** "nobody", where this test may become it. */
const ANOTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function home() {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  const path = join(folder, "ha_ml_data_layer.db");
  const db = openForWriting(path);
  migrate(db, 0);
  setMetadata(db, { time_zone: "Europe/Amsterdam" });
  db.close();
  chmodSync(path, 0o666);
  const closed = join(folder, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0o555);
  onTestFinished(() => chmodSync(closed, 0o755));
  const letter = join(folder, "letter");
  writeFileSync(letter, "Dear reader");
  const call = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMANDS, ...words], {
      encoding: "utf8",
      timeout: 60_000,
      env: { PATH: process.env["PATH"], DATA_FOLDER: folder, ...environment },
      ...ANOTHER,
    });
    return { status, stdout, said: stderr };
  };
  return { folder, closed, letter, call };
}

test("a backup into a folder that may not be written, or that is a file", () => {
  const { folder, closed, letter, call } = home();
  // Broken once: "unable to open database file", and "ENOTDIR: not a directory, mkdir".
  expect(call(["backup", join(closed, "mine.db")])).toEqual({
    status: 1,
    stdout: "",
    said: expect.stringMatching(/^The folder .*closed may not be written.*Call this as the user that the app runs as/),
  });
  expect(call(["backup", join(closed, "new", "mine.db")]).said).toMatch(/^The folder .*new may not be written/);
  for (const target of [join(letter, "mine.db"), join(letter, "new", "mine.db")])
    expect(call(["backup", target]).said).toMatch(/is no folder, or a part of its path is a file.*Choose another folder/);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a token beside a folder of backups that may not be written", () => {
  const { closed, call } = home();
  // Broken once: "EACCES: permission denied, open".
  expect(call(["token", "add", "grafana"], { DATA_FOLDER: closed })).toEqual({
    status: 1,
    stdout: "",
    said: expect.stringMatching(/^The folder .*closed may not be written.*Call this as the user that the app runs as/),
  });
});

test("labels of a file that is not there, is a folder, or may not be read", () => {
  const { folder, letter, call } = home();
  // Broken once: "cannot be read: ENOENT: no such file or directory, open".
  expect(call(["label", "import", join(folder, "nope.csv")])).toMatchObject({
    status: 2,
    said: expect.stringMatching(/^There is no file .*nope.csv\. Name/),
  });
  expect(call(["label", "import", folder]).said).toMatch(/ is a folder\. Name the CSV file to import/);
  chmodSync(letter, 0o200);
  onTestFinished(() => chmodSync(letter, 0o644));
  expect(call(["label", "import", letter]).said).toMatch(/may not be read by this user/);
});
