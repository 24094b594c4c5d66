import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Check } from "../../src/cli/doctor/check.ts";
import { doctorCommand } from "../../src/cli/doctor.ts";
import { labelCommand } from "../../src/cli/label.ts";
import { restoreCommand } from "../../src/cli/restore.ts";
import { statusCommand } from "../../src/cli/status.ts";
import { listenForCommands } from "../../src/runtime/control.ts";
import { admitFolder } from "../../src/store/admission.ts";
import { makeBackup } from "../../src/store/backup.ts";
import { backupPath } from "../../src/store/backup-files.ts";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { takeOwnership } from "../../src/store/ownership.ts";
import { markDegraded, setMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryFolder } from "../helpers/database.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** "nobody", where this test may become it. */
const ANOTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function closedHome(): { readonly folder: string; readonly path: string } {
  const folder = temporaryFolder();
  const path = join(folder, "ha_ml_data_layer.db");
  const db = openForWriting(path);
  migrate(db, 0);
  setMetadata(db, { time_zone: "Europe/Amsterdam" });
  db.close();
  return { folder, path };
}

/** The program, or a command, called by a user who does not own the folder. */
function calledByAnother(folder: string, file: "cli.ts" | "main.ts", ...words: string[]) {
  return spawnSync(process.execPath, [join(ROOT, "src", file), ...words], {
    encoding: "utf8",
    timeout: 60_000,
    env: { PATH: process.env["PATH"], DATA_FOLDER: folder, PORT: "0" },
    ...ANOTHER,
  });
}

async function printed(run: () => Promise<number>): Promise<{ readonly code: number; readonly text: string }> {
  let text = "";
  const print = vi.spyOn(process.stdout, "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    return { code: await run(), text };
  } finally {
    print.mockRestore();
  }
}

// Broken once: each of them printed "attempt to write a readonly database" and no more.
test("a user who may only read the folder is told so, and the doctor shows what needs no database", () => {
  const { folder } = closedHome();
  chmodSync(folder, 0o555);
  onTestFinished(() => chmodSync(folder, 0o755));
  const call = (...words: string[]) => calledByAnother(folder, "cli.ts", ...words);
  for (const words of [
    ["status"],
    ["label", "list"],
    ["export", "vw_labels"],
    ["export", "vw_labels", "--since", "2026-11-20"],
    ["backup"],
  ]) {
    const { status, stdout, stderr } = call(...words);
    expect({ words, status, stdout }).toEqual({ words, status: 3, stdout: "" });
    expect(stderr).toMatch(/cannot be opened by this user.*-shm.*Call this as the user that the app runs as/);
  }
  const doctor = call("doctor", "--quick", "--json");
  expect(doctor.status, doctor.stderr).toBe(1);
  const { checks } = JSON.parse(doctor.stdout) as { checks: Check[] };
  expect(checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "settings ok",
    "folder fail",
    "tokens ok",
    "file fail",
    "backups warn",
    "home assistant ok",
  ]);
  expect(checks.find(({ name }) => name === "file")?.words).toMatch(/Call this as the user that the app runs as/);
});

test("of a database that this user may not write the doctor says what the start says", () => {
  const { folder, path } = closedHome();
  chmodSync(folder, 0o777);
  chmodSync(path, 0o444);
  const start = calledByAnother(folder, "main.ts");
  expect(start).toMatchObject({ status: 3, stderr: expect.stringMatching(/exists but cannot be opened for writing by this user/) });
  const doctor = calledByAnother(folder, "cli.ts", "doctor", "--quick", "--json");
  const { checks } = JSON.parse(doctor.stdout) as { checks: Check[] };
  // Broken once: it found a sound header.
  expect(checks.find(({ name }) => name === "file")).toMatchObject({ state: "fail", words: start.stderr.trim() });
  expect(doctor.status).toBe(1);
});

// Broken once: it was asked whether the app is still starting, which no waiting ends.
test.skipIf(process.getuid?.() !== 0)("a command that the running app must carry out says that another user may not ask it", async () => {
  const { folder, path } = closedHome();
  chmodSync(folder, 0o755);
  const release = takeOwnership(path);
  // As the app holds it: its files for readers are there.
  const held = openForWriting(path);
  setMetadata(held, { time_zone: "Europe/Amsterdam" });
  const server = await listenForCommands(path, async () => null);
  onTestFinished(async () => {
    await server.stop();
    held.close();
    release();
  });
  const told = calledByAnother(folder, "cli.ts", "backup");
  expect([told.status, told.stderr]).toEqual([1, expect.stringMatching(/runs as another user, who alone may ask it/)]);
});

test("what is wrong with the options is told once, also where the app that runs says it, too", async () => {
  const { folder, path } = closedHome();
  const options = join(folder, "options.json");
  const db = openForWriting(path);
  markDegraded(db, { code: "options_wrong", cause: "Option colour: there is none of this name.", effect: "", remedy: "", sinceMs: 0 });
  db.close();
  const told = async (text: string): Promise<string[]> => {
    writeFileSync(options, text);
    const environment = {
      DATA_FOLDER: folder,
      OPTIONS_FILE: options,
      SUPERVISOR_TOKEN: "none",
      HA_URL: "http://127.0.0.1:9",
      HA_TOKEN: "none",
    };
    const found = await printed(() => doctorCommand.run(["--quick", "--json"], environment));
    const { checks } = JSON.parse(found.text) as { checks: Check[] };
    return checks.filter(({ words }) => words.includes("colour")).map(({ name }) => name);
  };
  // Broken once: both.
  expect(await told('{"colour": "blue"}')).toEqual(["settings"]);
  // Corrected since, but the app has not been started anew.
  expect(await told("{}")).toEqual(["options_wrong"]);
});

test("the doctor makes no folder: one that is not there is judged by the nearest that is", async () => {
  const folder = join(temporaryFolder(), "not", "there");
  const look = async (place: string): Promise<Check | undefined> => {
    const { text } = await printed(() => doctorCommand.run(["--quick", "--json"], { DATA_FOLDER: place }));
    return (JSON.parse(text) as { checks: Check[] }).checks.find(({ name }) => name === "folder");
  };
  expect(await look(folder)).toMatchObject({ state: "ok", words: expect.stringContaining("is made by the first start") });
  expect(existsSync(dirname(folder))).toBe(false);
  writeFileSync(dirname(folder), "");
  const file = { state: "fail", words: expect.stringMatching(/not is a file and no folder.*Set DATA_FOLDER/) };
  // Broken once: "cannot be written by this user".
  expect([await look(dirname(folder)), await look(folder)]).toMatchObject([file, file]);
  expect(() => admitFolder(join(folder, "home.db"))).toThrow(/is a file and no folder/);
});

// Broken once: "there is no database yet. Start the app once", of an app that ran, and the doctor was content.
test("a database that is gone is told apart from one that was never there: by the app that owns it, and by its backups", async () => {
  const { folder, path } = closedHome();
  const environment = { DATA_FOLDER: folder };
  const backup = backupPath(join(folder, "backups"), path, Date.UTC(2026, 10, 20));
  makeBackup({ dbPath: path, target: backup, scope: "all", nowMs: Date.UTC(2026, 10, 20) });
  rmSync(path);
  const look = () => printed(() => doctorCommand.run(["--quick", "--json"], environment));
  const found = (text: string): Check => (JSON.parse(text) as { checks: Check[] }).checks.find(({ name }) => name === "file")!;
  const stopped = await look();
  expect([stopped.code, found(stopped.text)]).toMatchObject([1, { state: "fail", words: expect.stringContaining("is gone; there are") }]);
  const release = takeOwnership(path);
  const running = await look();
  expect([running.code, found(running.text)]).toMatchObject([1, { state: "fail", words: expect.stringContaining("the app runs, but") }]);
  for (const command of [statusCommand, labelCommand])
    await expect(command.run(command === labelCommand ? ["list"] : [], environment)).rejects.toThrow(
      /The app runs, but its database .* is gone/,
    );
  release();
  rmSync(dirname(backup), { recursive: true });
  expect(found((await look()).text)).toMatchObject({ state: "warn", words: expect.stringContaining("there is no database at") });
});

test("damage inside the file: the doctor names the backup that mends it, and it does", async () => {
  const { folder, path } = closedHome();
  const backup = backupPath(join(folder, "backups"), path, Date.UTC(2026, 10, 20));
  makeBackup({ dbPath: path, target: backup, scope: "all", nowMs: Date.UTC(2026, 10, 20) });
  const damage = (): void => {
    const file = openSync(path, "r+");
    for (let at = 4096 * 3; at < statSync(path).size; at += 4096) writeSync(file, Buffer.alloc(2000, 7), 0, 2000, at);
    closeSync(file);
  };
  damage();
  const environment = { DATA_FOLDER: folder };
  const look = () => printed(() => doctorCommand.run(["--json"], environment));
  const remedy = (text: string): string | null =>
    (JSON.parse(text) as { checks: Check[] }).checks.find(({ name }) => name === "file")!.remedy;
  const damaged = await look();
  expect(damaged.code).toBe(1);
  // Broken once: it promised that a start of the app would restore it.
  expect(remedy(damaged.text)).toContain(`\`restore ${backup}\``);
  expect((await printed(() => restoreCommand.run([backup], environment))).code).toBe(0);
  expect(remedy((await look()).text)).toBeNull();
  damage();
  rmSync(dirname(backup), { recursive: true });
  expect(remedy((await look()).text)).toMatch(/There is no backup in .* that could be restored\. Keep a copy of the file/);
});
