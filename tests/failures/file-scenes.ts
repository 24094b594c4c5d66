import { createHash, randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { expect } from "vitest";
import { askRunningApp } from "../../src/runtime/control.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { migrations } from "../../src/store/migrate.ts";
import { startAppHere } from "./app-here.ts";
import { type Scene, settled } from "./scene.ts";
import { untilAllIsStored } from "./stored.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Held for longer than SQLite itself waits for a lock (10 s), it is waiting anew that helps. */
export function foreignWriter(lockMs: number): Scene {
  return {
    fault: "a foreign writer holds the lock",
    injected: `another connection holds BEGIN IMMEDIATE for ${lockMs / 1000} s while changes come`,
    // Broken once: with a busy file taken for an error (isBusy, src/store/db.ts) events wait and health says so.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      source.burst(500);
      await untilAllIsStored(source, place.database);
      const foreign = openForWriting(place.database);
      foreign.exec("BEGIN IMMEDIATE");
      for (const untilMs = performance.now() + lockMs; performance.now() < untilMs; await pause(250)) source.burst(50);
      foreign.exec("COMMIT");
      foreign.close();
      const outcome = await settled(source, place.database, app.marked(), lockMs + 20_000);
      expect(app.marked()).toEqual([]);
      expect(app.log.filter((line) => /^(error|fatal)/.test(line))).toEqual([]);
      expect(app.connectedTimes()).toBe(1);
      return outcome;
    },
  };
}

/** Faults of the file and of those who use it beside the app. */
export const fileScenes: readonly Scene[] = [
  foreignWriter(12_000),
  {
    fault: "a reader holds a transaction",
    injected: "a connection reads in one transaction from the first change to the last, over 20,000 of them",
    // Broken once: with journal_mode DELETE (src/store/db.ts) nothing is stored any more.
    async play(place) {
      const source = await place.source();
      await place.appHere({ source });
      source.burst(500);
      await untilAllIsStored(source, place.database);
      const reader = openForReading(place.database);
      const count = (): unknown => reader.get("SELECT COUNT(*) AS n FROM raw_events");
      reader.exec("BEGIN");
      const before = count();
      for (let n = 0; n < 10; n += 1) {
        source.burst(2_000);
        await pause(150);
      }
      await untilAllIsStored(source, place.database);
      expect(count()).toEqual(before);
      reader.exec("COMMIT");
      reader.close();
      return settled(source, place.database, []);
    },
  },
  {
    fault: "the database is missing at start",
    injected: "the file and its log are removed while the app is off",
    // Broken once: without the back-fill (ingest.ts) the past stays away.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      source.burst(1_000);
      await untilAllIsStored(source, place.database);
      await app.stop();
      for (const name of readdirSync(place.folder)) rmSync(`${place.folder}/${name}`, { recursive: true });
      source.burst(300);
      await place.appHere({ source });
      source.burst(100);
      return settled(source, place.database, []);
    },
  },
  {
    fault: "the database is corrupt at start",
    injected: "its first page is overwritten, later 40 pages in its middle, each while the app is off and a backup lies there",
    // Broken once: without the restore at the opening (src/app/database.ts) the app refuses to start.
    async play(place) {
      const source = await place.source();
      let app = await place.appHere({ source });
      const during: string[] = [];
      for (const [from, pages] of [
        [0, 1],
        [8, 40],
      ] as const) {
        source.burst(2_000);
        await untilAllIsStored(source, place.database);
        await askRunningApp(place.database, "backup", { file: null, scope: "all" });
        source.burst(300);
        await untilAllIsStored(source, place.database);
        await app.stop();
        overwrite(place.database, from * 4096, pages * 4096);
        source.burst(200);
        app = await place.appHere({ source });
        source.burst(100);
        await untilAllIsStored(source, place.database);
        during.push(...app.log.filter((line) => line.includes("restored from a backup")).map(() => "log: restored from a backup"));
      }
      const aside = readdirSync(place.folder).filter((name) => /\.damaged-/.test(name) && !/-(wal|shm)$/.test(name));
      expect(aside.length).toBe(2);
      return settled(source, place.database, during);
    },
  },
  {
    fault: "the database is of an older schema",
    injected: "a file as the first version of the app made it, with its events, and changes that happened since",
    // Broken once: with migrations for new files alone (src/store/migrate.ts) the app does not start.
    async play(place) {
      const source = await place.source();
      source.burst(400);
      const old = openForWriting(place.database);
      old.exec(migrations()[0]!.sql);
      old.pragma("user_version = 1");
      old.run("INSERT INTO entities (id, entity_id, domain, first_seen_ms) VALUES (7, 'sensor.busy_7', 'sensor', 0)");
      for (const [entityId, us, state] of source.said().map((row) => row.split(/[@=]/))) {
        if (entityId !== "sensor.busy_7") continue;
        old.run("INSERT INTO raw_events (updated_us, entity_id, state, source) VALUES (?, 7, ?, 0)", Number(us), state!);
      }
      old.close();
      source.burst(200);
      await place.appHere({ source });
      source.burst(100);
      const copies = readdirSync(place.folder).filter((name) => /\.before-v\d+-\d+$/.test(name));
      expect(copies.length).toBe(migrations().length > 1 ? 1 : 0);
      return settled(source, place.database, []);
    },
  },
  {
    fault: "the database is of a newer schema",
    injected: "user_version 999 in a file with events",
    // Broken once: without the look at the header (src/store/admission.ts) the file is touched.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      source.burst(300);
      await untilAllIsStored(source, place.database);
      await app.stop();
      const db = openForWriting(place.database);
      const version = db.pragma("user_version");
      db.pragma("user_version = 999");
      db.pragma("wal_checkpoint(TRUNCATE)");
      db.close();
      const hash = (): string => createHash("sha256").update(readFileSync(place.database)).digest("hex");
      const before = hash();
      await expect(startAppHere({ folder: place.folder, source })).rejects.toMatchObject({ code: "newer_version" });
      expect(hash()).toBe(before);
      const again = openForWriting(place.database);
      again.pragma(`user_version = ${version}`);
      again.close();
      source.burst(100);
      await place.appHere({ source });
      return settled(source, place.database, ["refused: newer_version, file untouched"]);
    },
  },
];

function overwrite(path: string, at: number, bytes: number): void {
  const file = openSync(path, "r+");
  writeSync(file, randomBytes(bytes), 0, bytes, at);
  closeSync(file);
}
