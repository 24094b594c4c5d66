import { existsSync, rmSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createFileCare } from "../../src/app/file-care.ts";
import type { AppParts } from "../../src/app/parts.ts";
import { readConfig } from "../../src/config/config.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { makeBackup } from "../../src/store/backup.ts";
import { backupPath } from "../../src/store/backup-files.ts";
import { checkFile } from "../../src/store/damage.ts";
import type { DegradedMarker } from "../../src/store/tables/metadata.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { keptHome, NOW } from "../store/kept-home.ts";

/** Care of a file that nobody has open: what it was asked, told and marked is kept. */
function careOf({ withBackup }: { readonly withBackup: boolean }) {
  const db = keptHome(temporaryFolder(), { name: "ha_ml_data_layer.db" });
  const path = db.path;
  const config = readConfig({ DATA_FOLDER: dirname(path), HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" });
  if (withBackup) makeBackup({ dbPath: path, target: backupPath(config.backupFolder, path, NOW), scope: "all", nowMs: NOW });
  db.close();
  const marked: DegradedMarker[] = [];
  const said: string[] = [];
  let fatal: Error | null = null;
  let exchanges = 0;
  const say = (words: string): void => void said.push(words);
  const clockParameters = { kind: "system", offsetMs: 0 } as const;
  const parts: AppParts = {
    config,
    url: "",
    token: "",
    clock: createSystemClock(),
    clockParameters,
    version: "0",
    log: { debug: say, info: say, warn: say, error: say },
    onFatal: (error) => {
      fatal = error;
    },
  };
  const care = createFileCare({
    ...parts,
    database: () => null,
    markers: () => ({ mark: async (marker: DegradedMarker) => void marked.push(marker) }),
    withoutConnections: (work) => {
      exchanges += 1;
      return work();
    },
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 3; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await care.settled();
    }
  };
  return { care, path, folder: dirname(path), marked, said, settle, exchanges: () => exchanges, fatal: () => fatal };
}

test("a suspicion that proves wrong restores nothing", async () => {
  const home = careOf({ withBackup: true });
  home.care.suspect("a reader said so");
  await home.settle();
  expect(home.said).toEqual(["the database may be damaged; it is checked", "the database is sound"]);
  expect(home.marked).toEqual([]);
  expect(home.fatal()).toBeNull();
});

test("damage is mended by the newest backup", async () => {
  const home = careOf({ withBackup: true });
  truncateSync(home.path, 4096 * 8);
  home.care.suspect("malformed");
  await home.settle();
  expect(home.said.at(-1)).toBe("the database was restored from a backup");
  expect(checkFile(home.path)).toEqual([]);
});

test("damage without a backup is marked, the file is left as it is, and is not checked again and again", async () => {
  const home = careOf({ withBackup: false });
  truncateSync(home.path, 4096 * 8);
  home.care.suspect("malformed");
  await home.settle();
  expect(home.marked.map((marker) => marker.code)).toEqual(["database_corrupt"]);
  expect(checkFile(home.path)).not.toEqual([]);
  home.care.suspect("malformed");
  await home.settle();
  expect(home.exchanges()).toBe(1);
});

// Broken once: after the restore that its own marker had asked for the app mended nothing until it was started anew.
test("damage is mended again once a damaged file without a backup was restored by hand", async () => {
  const home = careOf({ withBackup: false });
  const own = join(home.folder, "mine.db");
  const backUpTo = (target: string) => makeBackup({ dbPath: home.path, target, scope: "all", nowMs: NOW });
  backUpTo(own);
  truncateSync(home.path, 4096 * 8);
  home.care.suspect("malformed");
  await home.settle();
  expect(home.marked).toHaveLength(1);
  await home.care.answer("restore", { file: own });
  backUpTo(backupPath(join(home.folder, "backups"), home.path, NOW));
  truncateSync(home.path, 4096 * 8);
  home.care.suspect("malformed");
  await home.settle();
  expect(home.said.at(-1)).toBe("the database was restored from a backup");
  expect(checkFile(home.path)).toEqual([]);
});

test.each([
  [true, "the database was restored from a backup"],
  [false, "the database was begun anew: its file is missing, and there is no backup of it"],
] as const)("a file that is gone, with a backup: %s", async (withBackup, told) => {
  const home = careOf({ withBackup });
  rmSync(home.path);
  // Broken once: the second suspicion found the first at work, and ended the app; and so did SQLite's check of no file.
  home.care.suspect("it is missing");
  home.care.suspect("it is missing");
  await home.settle();
  expect(home.said.at(-1)).toBe(told);
  expect([home.exchanges(), home.marked, home.fatal()]).toEqual([1, [], null]);
  expect(existsSync(home.path)).toBe(withBackup);
});

test("a backup that cannot be restored stops nothing", async () => {
  const home = careOf({ withBackup: true });
  await expect(home.care.answer("restore", { file: join(home.folder, "nowhere.db") })).rejects.toThrow(/there is no such file/);
  expect(home.exchanges()).toBe(0);
});

test("one work on the file at a time, and other commands are none of its business", async () => {
  const home = careOf({ withBackup: true });
  const first = home.care.answer("restore", { file: join(home.folder, "nowhere.db") })!.catch(() => "refused");
  await expect(home.care.answer("restore", { file: "other.db" })).rejects.toThrow(/busy/);
  expect(await first).toBe("refused");
  expect(home.care.answer("train", {})).toBeNull();
});
