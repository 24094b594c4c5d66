import { dirname } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FILE_CODES, type FileFacts, judgeFile } from "../../src/app/file-judgement.ts";
import { createDayMeter, type FileWatchParts, watchFile } from "../../src/app/file-watch.ts";
import { createMarkers } from "../../src/app/markers.ts";
import { readConfig } from "../../src/config/config.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { refusingWriter } from "../helpers/refusing-writer.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;
const SOUND: FileFacts = {
  folder: "data",
  backupFolder: "data/backups",
  databaseBytes: 1e9,
  logBytes: 4e6,
  diskFreeBytes: 5e9,
  forecastBytes: 2e9,
  lastBackupAtMs: NOW - DAY,
  nowMs: NOW,
};
const codes = (facts: Partial<FileFacts>): string[] => judgeFile({ ...SOUND, ...facts }).map((marker) => marker.code);

test("each trouble of the file has its own code, and a file in order has none", () => {
  expect(codes({})).toEqual([]);
  expect(codes({ forecastBytes: null, lastBackupAtMs: null })).toEqual([]);
  expect(codes({ diskFreeBytes: 999_999_999, forecastBytes: null })).toEqual(["disk_nearly_full"]);
  expect(codes({ forecastBytes: 6e9 + 1 })).toEqual(["database_growth"]);
  expect(codes({ forecastBytes: 6e9 })).toEqual([]);
  expect(codes({ logBytes: 200e6 })).toEqual(["wal_large"]);
  expect(codes({ lastBackupAtMs: NOW - 3 * DAY - 1 })).toEqual(["backup_old"]);
  expect(codes({ diskFreeBytes: 0, logBytes: 1e9, lastBackupAtMs: 0 })).toEqual([...FILE_CODES]);
});

test("every marker says cause, effect and remedy in whole sentences", () => {
  for (const marker of judgeFile({ ...SOUND, diskFreeBytes: 0, logBytes: 1e9, lastBackupAtMs: 0 })) {
    for (const words of [marker.cause, marker.effect, marker.remedy]) expect(words).toMatch(/^[A-Z].*\.$/);
  }
});

test("what is written at an even rate reads as that rate a day, however often and however long it is looked at", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 30, maxLength: 200 }),
      fc.integer({ min: 1, max: 1e6 }),
      (steps, perMinute) => {
        const meter = createDayMeter();
        let minutes = 0;
        let shown: number | null = null;
        for (const step of [0, ...steps]) {
          minutes += step;
          shown = meter.at(NOW + minutes * 60_000, minutes * perMinute);
        }
        if (minutes >= 10) expect(shown).toBeCloseTo(perMinute * 1440, 3);
      },
    ),
    { numRuns: 50 },
  );
});

test("a busy first hour is forgotten after a day", () => {
  const meter = createDayMeter();
  let total = 0;
  let shown: number | null = null;
  for (let minute = 0; minute <= 60 * 27; minute += 1) {
    total += minute < 60 ? 1e9 : 1000;
    shown = meter.at(NOW + minute * 60_000, total);
  }
  expect(shown).toBeCloseTo(1000 * 1440, -3);
  expect(meter.at(NOW, total)).not.toBeNaN();
});

// Broken once: the figures were written first, so a full disk was never said to be full.
test("what is wrong with the file is said although its figures cannot be written", async () => {
  const db = temporaryDatabase();
  const clock = createLeapingClock(NOW);
  const say = (): void => undefined;
  const log = { debug: say, info: say, warn: say, error: say };
  const writer = refusingWriter(inlineWriter(db), new Set(["setHealth"]));
  const figures = async () => ({ logBytes: 1e9, unusedBytes: 0, sizeForecast: 0, lastBackupMs: null });
  // No more of the app is needed here.
  const stop = watchFile({
    config: readConfig({ DATA_FOLDER: dirname(db.path), HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" }),
    clock,
    log,
    database: { path: db.path, writer: { ...writer, figures } },
    markers: createMarkers(writer, clock, log),
    onDamage: say,
  } as unknown as FileWatchParts);
  const codes = (): string[] => db.all<{ code: string }>("SELECT code FROM degraded").map(({ code }) => code);
  for (let n = 0; n < 200 && !codes().includes("wal_large"); n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  stop();
  expect(codes()).toContain("wal_large");
});
