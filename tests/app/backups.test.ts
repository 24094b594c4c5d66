import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { backUpByOptions } from "../../src/app/backups.ts";
import { readConfig } from "../../src/config/config.ts";
import { unfinishedName } from "../../src/store/backup.ts";
import { backupPath, freeBytes, listBackups } from "../../src/store/backup-files.ts";
import { openForWriting } from "../../src/store/db.ts";
import { execute, inlineWriter } from "../../src/store/inline-writer.ts";
import { restore } from "../../src/store/restore.ts";
import { closeCutOffRuns, readLedgers } from "../../src/store/tables/schedule-runs.ts";
import { smallDisk } from "../failures/small-disk.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";
import { keptHome, NOW } from "../store/kept-home.ts";

const DAY_MS = 86_400_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

test("the oldest nightly backup is there still after it was restored and the next one was made", async () => {
  const first = keptHome(temporaryFolder(), { name: "ha_ml_data_layer.db" });
  const dbPath = first.path;
  first.close();
  const config = readConfig({ DATA_FOLDER: dirname(dbPath), HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" });
  /** As the job does it: the receipt of the run is in the file that it copies. */
  const backUpAt = async (dueAtMs: number): Promise<void> => {
    const db = openForWriting(dbPath);
    const clock = createLeapingClock(dueAtMs);
    execute(db, "beginRun", { job: "backup", dueAtMs, startedAtMs: dueAtMs });
    await backUpByOptions({ config, clock, log: silent }, inlineWriter(db));
    execute(db, "putReceipt", {
      job: "backup",
      dueAtMs,
      startedAtMs: dueAtMs,
      finishedAtMs: dueAtMs,
      status: "completed",
      rows: 0,
      error: null,
    });
    db.close();
  };
  for (let night = 0; night < config.options.backup_keep; night += 1) await backUpAt(NOW + night * DAY_MS);
  const before = listBackups(config.backupFolder, dbPath);
  expect(before).toHaveLength(config.options.backup_keep);
  const oldest = before.at(-1)!;

  const nowMs = NOW + 10 * DAY_MS;
  await restore({ dbPath, source: oldest, nowMs, loss: null });

  // Broken once: that run counted as cut off, so it was due again at once.
  const db = openForWriting(dbPath);
  closeCutOffRuns(db, nowMs);
  expect(db.all("SELECT due_at_ms AS dueAtMs, status FROM schedule_runs WHERE job = 'backup'")).toEqual([
    { dueAtMs: NOW, status: "completed" },
  ]);
  const ledger = readLedgers(db, { jobs: ["backup"], nowMs }).get("backup");
  expect(ledger).toEqual({ settledToMs: NOW, cutOff: [] });
  db.close();

  // The nights since are made up for by one run. Broken once: it deleted what had just been restored.
  await backUpAt(nowMs);
  await backUpAt(nowMs + DAY_MS);
  expect(existsSync(oldest)).toBe(true);
  expect(listBackups(config.backupFolder, dbPath)).toHaveLength(config.options.backup_keep + 1);
});

// Broken once: it went only behind a backup that succeeded, which it left no room for.
test("what a backup that was killed left behind does not keep the next one from being made", async ({ skip }) => {
  const disk = smallDisk(temporaryFolder());
  onTestFinished(disk.remove);
  if (!disk.words.includes("tmpfs")) skip("no tmpfs can be mounted here");
  const db = keptHome(disk.folder, { name: "ha_ml_data_layer.db" });
  const environment = { DATA_FOLDER: disk.folder, HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" };
  const { options, ...config } = readConfig(environment);
  mkdirSync(config.backupFolder);
  const leftOver = unfinishedName(backupPath(config.backupFolder, db.path, NOW - DAY_MS));
  writeFileSync(leftOver, Buffer.alloc(freeBytes(disk.folder)));
  const withEvents = { ...config, options: { ...options, backup_raw_events: true } };
  const made = await backUpByOptions({ config: withEvents, clock: createLeapingClock(NOW), log: silent }, inlineWriter(db));
  db.close();
  expect(made.scope).toBe("all");
  expect(readdirSync(config.backupFolder)).toEqual([basename(made.path)]);
});
