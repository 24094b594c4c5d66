import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test, vi } from "vitest";
import { startWriterThread } from "../../src/runtime/threads/writer-client.ts";
import { admitFile } from "../../src/store/admission.ts";
import { makeBackup } from "../../src/store/backup.ts";
import { backupPath, fileInstant } from "../../src/store/backup-files.ts";
import { checkFile, lossOf, RESTORING_ID } from "../../src/store/damage.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { migrations, newestVersion } from "../../src/store/migrate.ts";
import { planRestore, restore } from "../../src/store/restore.ts";
import { settleCutOffRestore } from "../../src/store/settle-restore.ts";
import { getHealth, getMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { cutOffRestore } from "./cut-off-restore.ts";
import { counts, event, keptHome, NOW } from "./kept-home.ts";

interface Reader {
  /** Rows of raw_events as another process sees them now. */
  count(): Promise<number>;
  say(words: string): Promise<string>;
}

/** A process of its own that opens the file once and keeps it open, as Home Assistant's `sql` integration does. */
async function readerOf(path: string): Promise<Reader> {
  const script = `import { openForReading } from ${JSON.stringify(new URL("../../src/store/db.ts", import.meta.url).href)};
    import { createInterface } from "node:readline";
    const db = openForReading(${JSON.stringify(path)});
    createInterface({ input: process.stdin }).on("line", (line) => {
      try {
        if (line === "count") console.log(db.get("SELECT count(*) AS n FROM raw_events").n);
        else { db.exec(line); console.log("done"); }
      } catch (error) { console.log(error.message); }
    });`;
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const say = async (words: string): Promise<string> => {
    child.stdin!.write(`${words}\n`);
    return (await lines.next()).value as string;
  };
  const reader = { say, count: async () => Number(await say("count")) };
  await reader.count();
  return reader;
}

/** A home of 300 events, its backup, and then 2,000 events more in the live file. */
function homeWithBackup(scope: "all" | "part" = "all") {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const backup = join(folder, "snapshot.db");
  makeBackup({ dbPath: db.path, target: backup, scope, nowMs: NOW });
  const later = Array.from({ length: 2000 }, (_, i) => event("light.later", NOW + 1 + i, `${"long state ".repeat(10)}${i}`));
  execute(db, "insertEvents", { events: later, nowMs: NOW });
  return { folder, path: db.path, backup, close: () => db.close() };
}

function overwriteBytes(path: string, at: number, length: number): void {
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, Buffer.alloc(length, 7), 0, length, at);
  closeSync(descriptor);
}

test("the file stays the same, and a reader that has it open before sees the restored content after", async () => {
  const { path, backup, close } = homeWithBackup();
  const reader = await readerOf(path);
  close();
  const inode = statSync(path).ino;
  expect(await reader.count()).toBe(2300);
  const restored = await restore({ dbPath: path, source: backup, nowMs: NOW, loss: null });
  expect(statSync(path).ino).toBe(inode);
  expect(await reader.count()).toBe(300);
  expect(await reader.say("SELECT status FROM vw_health")).toBe("done");
  expect(checkFile(path)).toEqual([]);
  const aside = openForReading(restored.asideAs!);
  expect(aside.get("SELECT count(*) AS n FROM raw_events")).toEqual({ n: 2300 });
  aside.close();
});

test("a reader in the middle of a transaction goes on with what it saw, then sees the restored content", async () => {
  const { path, backup, close } = homeWithBackup();
  const reader = await readerOf(path);
  close();
  await reader.say("BEGIN");
  expect(await reader.count()).toBe(2300);
  await restore({ dbPath: path, source: backup, nowMs: NOW, loss: null });
  expect(await reader.count()).toBe(2300);
  await reader.say("COMMIT");
  expect(await reader.count()).toBe(300);
});

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  "its header overwritten": (path) => overwriteBytes(path, 0, 100),
  "its first page overwritten": (path) => overwriteBytes(path, 0, 4096),
  "pages in its middle overwritten": (path) => overwriteBytes(path, 4096 * 3, 4096 * 20),
  "its second half cut off": (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  "no length": (path) => truncateSync(path, 0),
  "a letter in its place": (path) => writeFileSync(path, "Dear database, ".repeat(20)),
};

test.each(Object.keys(DAMAGES))("a file with %s is restored in place, and kept aside as it was", async (kind) => {
  const { path, backup, close } = homeWithBackup();
  close();
  const inode = statSync(path).ino;
  DAMAGES[kind]!(path);
  const damaged = readFileSync(path);
  expect(lossOf(path) !== null || checkFile(path).length > 0).toBe(true);
  const { asideAs } = await restore({ dbPath: path, source: backup, nowMs: NOW, loss: kind });
  expect(statSync(path).ino).toBe(inode);
  expect(checkFile(path)).toEqual([]);
  if (damaged.length === 0) expect(asideAs).toBeNull();
  else expect(readFileSync(asideAs!).equals(damaged)).toBe(true);
  const db = openForReading(path);
  expect(counts(db)).toMatchObject({ raw_events: 300, features: 40, labels: 1, clr_model_artifacts: 1, pairs: 10 });
  expect(db.pragma("journal_mode")).toBe("wal");
  expect(db.pragma("auto_vacuum")).toBe(2);
  expect(db.get("SELECT code, cause FROM degraded")).toMatchObject({ code: "restored_from_backup", cause: expect.stringContaining(kind) });
  db.close();
});

test("a quick look tells a cut off file from one whose log holds the rest", () => {
  const { folder, path, close } = homeWithBackup();
  const crashed = join(folder, "crashed.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${crashed}${suffix}`);
  expect(lossOf(crashed)).toBeNull();
  close();
  expect(lossOf(path)).toBeNull();
  truncateSync(path, statSync(path).size - 1);
  expect(lossOf(path)).toMatchObject({ kind: "damaged", words: expect.stringMatching(/^it was cut off/) });
});

test("a missing file is made anew from the backup", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  close();
  const elsewhere = join(folder, "gone.db");
  expect(lossOf(elsewhere)).toMatchObject({ kind: "missing" });
  expect((await restore({ dbPath: elsewhere, source: backup, nowMs: NOW, loss: "the file is missing" })).asideAs).toBeNull();
  expect(lossOf(elsewhere)).toBeNull();
  expect(lossOf(path)).toBeNull();
});

test("a log that a crash left behind is kept aside with the file, and does not spoil the restored one", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  const crashed = join(folder, "crashed.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${crashed}${suffix}`);
  close();
  overwriteBytes(crashed, 4096 * 4, 4096 * 10);
  const { asideAs } = await restore({ dbPath: crashed, source: backup, nowMs: NOW, loss: "damaged" });
  expect(statSync(`${asideAs}-wal`).size).toBeGreaterThan(0);
  expect(checkFile(crashed)).toEqual([]);
  const db = openForReading(crashed);
  expect(counts(db)).toMatchObject({ raw_events: 300 });
  db.close();
});

test("a restore that was cut off before the content was there is seen as damage, never taken for a whole file", async () => {
  const { path, backup, close } = homeWithBackup();
  close();
  const header = Buffer.from(readFileSync(backup).subarray(0, 4096));
  header.writeUInt32BE(RESTORING_ID, 68);
  const descriptor = openSync(path, "r+");
  writeSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  expect(lossOf(path)).toEqual({ kind: "damaged", words: "a restore of it was cut off" });
  await restore({ dbPath: path, source: backup, nowMs: NOW, loss: "cut off" });
  expect(lossOf(path)).toBeNull();
  expect(checkFile(path)).toEqual([]);
});

test("a plan changes nothing and names what would be done", () => {
  const { folder, path, backup, close } = homeWithBackup();
  close();
  const [before, names] = [readFileSync(path), readdirSync(folder).sort()];
  const plan = planRestore({ dbPath: path, source: backup, nowMs: NOW, loss: null });
  expect(plan).toMatchObject({ source: { scope: "all" }, asideAs: `${path}.before-restore-2026-11-21T00-00-00.000Z` });
  expect(plan.neededBytes).toBeGreaterThan(before.length);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(names);
});

test("a source that cannot be used is refused before anything is changed", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  close();
  const before = readFileSync(path);
  truncateSync(backup, 4096 * 5);
  for (const source of [backup, path, join(folder, "nowhere.db")]) {
    await expect(restore({ dbPath: path, source, nowMs: NOW, loss: null })).rejects.toThrow(/cannot be restored/);
  }
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a backup of an older schema is brought to this app's", async () => {
  const folder = temporaryFolder();
  const backup = join(folder, "old.db");
  const old = openForWriting(backup);
  old.exec(migrations()[0]!.sql);
  old.pragma("user_version = 1");
  old.pragma("wal_checkpoint(TRUNCATE)");
  old.close();
  const path = join(folder, "home.db");
  const { schemaVersion } = await restore({ dbPath: path, source: backup, nowMs: NOW, loss: "the file is missing" });
  expect(schemaVersion).toBe(newestVersion());
  expect(() => admitFile(path, newestVersion())).not.toThrow();
  const db = openForReading(path);
  db.all("SELECT * FROM vw_health");
  db.close();
});

test("another program's lock costs a restore delay and nothing else", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  const holder = spawn(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { openForWriting } from ${JSON.stringify(new URL("../../src/store/db.ts", import.meta.url).href)};
       const db = openForWriting(${JSON.stringify(path)});
       db.exec("BEGIN IMMEDIATE"); console.log("held");
       setTimeout(() => { db.exec("COMMIT"); db.close(); }, 700);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => void holder.kill("SIGKILL"));
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  close();
  await restore({ dbPath: path, source: backup, nowMs: NOW, loss: null });
  expect(checkFile(path)).toEqual([]);
  const db = openForReading(path);
  expect(counts(db)).toMatchObject({ raw_events: 300 });
  db.close();
  expect(existsSync(join(folder, "home.db"))).toBe(true);
});

test("after a restore without raw events, windows are computed again as far back as the recorder's past was fetched", async () => {
  const { path, backup, close } = homeWithBackup("part");
  close();
  await restore({ dbPath: path, source: backup, nowMs: NOW, loss: "the file is missing" });
  const db = openForWriting(path);
  const keptFrom = (): unknown => db.get("SELECT value FROM metadata WHERE key = 'raw_kept_from'");
  expect(keptFrom()).toEqual({ value: new Date(NOW).toISOString() });
  execute(db, "putPast", { events: [], entityIds: ["light.l0"], fromMs: NOW - 10 * 86_400_000, isWhole: true, nowMs: NOW });
  expect(execute(db, "endRefetch", null)).toBe(true);
  expect(keptFrom()).toEqual({ value: new Date(NOW - 10 * 86_400_000).toISOString() });
  // What retention has deleted later is not there again, whatever back-fill has noted.
  db.run("UPDATE metadata SET value = ? WHERE key = 'raw_kept_from'", new Date(NOW).toISOString());
  expect(execute(db, "endRefetch", null)).toBe(false);
  expect(keptFrom()).toEqual({ value: new Date(NOW).toISOString() });
  db.close();
});

const night = { kind: "positive", source: "manual", localDate: "", timeZone: "UTC", rawStart: null, rawEnd: null, saidBy: null } as const;
const change = { probability: 0.9, beforeMean: 1, afterMean: 2, withdrawnAtMs: null, confirmedAtMs: null, cutOffAtMs: null } as const;

/** All that a page shows by its number. */
const NUMBERED = {
  labels: "SELECT id FROM labels",
  history: "SELECT id FROM label_history",
  suggestions: "SELECT id FROM label_suggestions",
  changes: "SELECT id FROM change_points",
  models: "SELECT model_version AS id FROM clr_model_artifacts",
} as const;
type Numbered = keyof typeof NUMBERED;
const KINDS = Object.keys(NUMBERED) as Numbered[];
const model = { stage: "preview", artifactJson: "{}", checksum: "c", promoted: false, reason: "" } as const;
const trained = { stage: "preview", rowCount: 1, dayCount: 1, notes: "", modelType: "clr", setId: 1, exclusions: {}, report: {} } as const;

/** Says so many labels and changes of the file, takes labels back, suggests and trains, and answers the numbers that all that got. */
function sayInto(path: string, count: number): Record<Numbered, number[]> {
  const db = openForWriting(path);
  const rows = (kind: Numbered): number[] => db.all<{ id: number }>(`${NUMBERED[kind]} ORDER BY 1`).map(({ id }) => id);
  const before = Object.fromEntries(KINDS.map((kind) => [kind, new Set(rows(kind))])) as Record<Numbered, Set<number>>;
  for (let n = 1; n <= count; n += 1) {
    const startMs = NOW - (10 + n) * 86_400_000;
    const span = { startMs, endMs: startMs + 3_600_000, capturedAtMs: NOW, status: "active", reason: null } as const;
    execute(db, "applyLabels", { targetId: 1, added: [{ ...night, ...span }], replaced: [], nowMs: NOW });
    const gone = { startMs: span.startMs - 9_000_000, endMs: span.startMs - 8_000_000 };
    execute(db, "applyLabels", { targetId: 1, added: [{ ...night, ...span, ...gone }], replaced: [], nowMs: NOW });
    const newest = rows("labels").at(-1)!;
    execute(db, "applyLabels", { targetId: 1, added: [], replaced: [{ id: newest, replacedBy: "removed by hand" }], nowMs: NOW });
    execute(db, "putSuggestions", { suggestions: [{ targetId: 1, day: n, startMs, endMs: startMs + 1, suggestedAtMs: NOW }] });
    const runId = execute(db, "startTrainingRun", { targetId: 1, startedAtMs: NOW });
    execute(db, "finishTrainingRun", { ...trained, runId, status: "completed", finishedAtMs: NOW, artifact: { ...model, targetId: 1 } });
    const at = { changeAtMs: startMs, startLowMs: startMs, startHighMs: startMs, detectedAtMs: startMs, part: null, words: "", added: "" };
    const run = { runId: 1, status: "completed", finishedAtMs: NOW, stepCount: 1, notes: "", streams: [] } as const;
    execute(db, "finishChangeRun", { ...run, reports: [{ ...change, ...at, streamName: "home" }] });
  }
  const added = KINDS.map((kind) => [kind, rows(kind).filter((id) => !before[kind].has(id))]);
  db.close();
  return Object.fromEntries(added) as Record<Numbered, number[]>;
}

test.each([
  ["that somebody asked for", () => undefined, 1000],
  ["of a file that cannot be read any more", DAMAGES["its first page overwritten"]!, Number.POSITIVE_INFINITY],
] as const)("a restore %s gives no number of anything a second time", async (_, harm, highest) => {
  const { path, backup, close } = homeWithBackup();
  close();
  const met: Record<Numbered, number[]> = { labels: [1], history: [], suggestions: [], changes: [1], models: [1] };
  for (let round = 0; round < 3; round += 1) {
    const said = sayInto(path, 3);
    // Broken once: the numbers went on where the backup had ended, so a page from before the restore named the labels of after it.
    for (const kind of KINDS) {
      expect(said[kind]).toHaveLength(3);
      expect(said[kind].filter((id) => met[kind].includes(id))).toEqual([]);
      expect(Math.max(...said[kind])).toBeLessThan(highest);
      met[kind].push(...said[kind]);
    }
    harm(path);
    await restore({ dbPath: path, source: backup, nowMs: NOW + (round + 1) * 1000, loss: null });
  }
});

test("on a new machine numbers go on behind those of the backup", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  close();
  sayInto(path, 3);
  const ofOld = join(folder, "of-old.db");
  makeBackup({ dbPath: path, target: ofOld, scope: "part", nowMs: NOW });
  for (const source of [backup, ofOld]) {
    const there = join(folder, `restored-${basename(source)}`);
    await restore({ dbPath: there, source, nowMs: NOW, loss: "the file is missing" });
    // Broken once: the clock's milliseconds were taken, and a label of the new machine was number 1795219201000.
    for (const ids of Object.values(sayInto(there, 3))) expect(Math.max(...ids)).toBeLessThan(20);
  }
});

test("a restore that is killed behind its overwriting is settled by the next opening: numbers, mark and message", async () => {
  const { path, backup, close } = homeWithBackup();
  close();
  const before = sayInto(path, 3);
  await cutOffRestore(path, backup);
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW + 2000);
  await writer.close(NOW + 2000);
  const db = openForReading(path);
  // Broken once: the content was taken for the app's own, and a page from before the restore named the labels of after it.
  expect(
    db.all("SELECT key FROM metadata WHERE key IN ('restored_at', 'restored_from', 'backup_made_at', 'backup_scope') ORDER BY key"),
  ).toEqual([{ key: "restored_at" }, { key: "restored_from" }]);
  expect(db.get("SELECT cause FROM degraded WHERE code = 'restored_from_backup'")).toMatchObject({
    cause: expect.stringMatching(/Somebody asked for it.*What was there is kept as .*before-restore-/),
  });
  db.close();
  expect(existsSync(`${path}.restoring`)).toBe(false);
  const after = sayInto(path, 3);
  for (const kind of KINDS) expect(after[kind].filter((id) => before[kind].includes(id))).toEqual([]);
});

test("a restore that follows one which was cut off gives no number a second time either", async () => {
  const { path, backup, close } = homeWithBackup();
  close();
  const before = sayInto(path, 3);
  await cutOffRestore(path, backup);
  await restore({ dbPath: path, source: backup, nowMs: NOW + 3000, loss: null });
  const after = sayInto(path, 3);
  for (const kind of KINDS) expect(after[kind].filter((id) => before[kind].includes(id))).toEqual([]);
});

test("a restore that is killed before it overwrites anything never happened", async () => {
  const { path, backup, close } = homeWithBackup();
  close();
  const holder = openForWriting(path);
  holder.exec("BEGIN IMMEDIATE");
  const restoring = spawn(
    process.execPath,
    [
      "--input-type=module-typescript",
      "-e",
      `import { restore } from ${JSON.stringify(new URL("../../src/store/restore.ts", import.meta.url).href)};
       await restore(${JSON.stringify({ dbPath: path, source: backup, nowMs: NOW, loss: null })});`,
    ],
    { stdio: "inherit" },
  );
  const ended = new Promise((resolve) => restoring.once("exit", resolve));
  await vi.waitFor(() => expect(existsSync(`${path}.restoring`)).toBe(true), { timeout: 20_000 });
  restoring.kill("SIGKILL");
  await ended;
  holder.exec("COMMIT");
  settleCutOffRestore(holder);
  expect(counts(holder)).toMatchObject({ raw_events: 2300 });
  expect(holder.get("SELECT count(*) AS n FROM metadata WHERE key = 'restored_at'")).toEqual({ n: 0 });
  expect(existsSync(`${path}.restoring`)).toBe(false);
  // One that a disk broke keeps nobody from the database.
  writeFileSync(`${path}.restoring`, "{");
  settleCutOffRestore(holder);
  expect(existsSync(`${path}.restoring`)).toBe(false);
  holder.close();
});

test("the nightly backup that was restored is the last one; a copy of one's own is none", async () => {
  const { folder, path, backup, close } = homeWithBackup();
  close();
  const nightly = backupPath(join(folder, "backups"), path, NOW);
  makeBackup({ dbPath: path, target: nightly, scope: "all", nowMs: NOW });
  const told = async (source: string): Promise<unknown> => {
    await restore({ dbPath: path, source, nowMs: NOW + 1000, loss: null });
    const db = openForReading(path);
    const last = [getMetadata(db, "last_backup_at"), getHealth(db)["backup_path"] ?? null];
    db.close();
    rmSync(`${path}.before-restore-${fileInstant(NOW + 1000)}`);
    return last;
  };
  expect(await told(backup)).toEqual([null, null]);
  // Broken once: `status` said "backup none yet" beside a job that had completed.
  expect(await told(nightly)).toEqual([new Date(NOW).toISOString(), nightly]);
});

test("models of a target that came after the backup keep their numbers to themselves, also over two restores", async () => {
  const { path, backup, close } = homeWithBackup();
  close();
  const met: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const db = openForWriting(path);
    const targets = [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }];
    execute(db, "putTargets", { targets: [...targets, { name: "nap", startEntity: null, endEntity: null }], nowMs: NOW });
    const { targetId } = db.get<{ targetId: number }>("SELECT target_id AS targetId FROM targets WHERE name = 'nap'")!;
    const runId = execute(db, "startTrainingRun", { targetId, startedAtMs: NOW });
    const run = { ...trained, runId, status: "completed", finishedAtMs: NOW, artifact: { ...model, targetId } } as const;
    met.push(execute(db, "finishTrainingRun", run).modelVersion!);
    db.close();
    await restore({ dbPath: path, source: backup, nowMs: NOW + (round + 1) * 1000, loss: null });
    await restore({ dbPath: path, source: backup, nowMs: NOW + (round + 1) * 1000 + 1, loss: null });
  }
  expect(met).toEqual([1, 2, 3]);
});
