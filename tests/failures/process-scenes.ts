import { copyFileSync, existsSync, mkdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { type App, eventually, startApp, wordsOf } from "../e2e/program.ts";
import { healthWords, type Place, pastFetched, type Scene } from "./scene.ts";
import { smallDisk } from "./small-disk.ts";
import { compareWith, markersOf, storedEvents, untilAllIsStored } from "./stored.ts";

/** Faults of the process and of the machine under it. What a process missed is looked at again after a minute, so gaps may still be open here. */

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const FILE = "ha_ml_data_layer.db";

export async function isListening(app: App): Promise<void> {
  const connected = eventually(() => (app.stderr().includes('"connected to Home Assistant"') ? true : null), "connected");
  await connected.catch((error: Error) => {
    throw new Error(`${error.message}; ${app.stderr()}`);
  });
}

export const processScenes: readonly Scene[] = [
  {
    fault: "kill -9 in the middle of a batch",
    injected: "SIGKILL between two frames of a burst, changes while it is dead, a new start",
    // Broken once: without the repair at connect (src/flow/ingest/ingest.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const first = place.appProcess(source);
      await isListening(first);
      await pastFetched(place.database);
      source.burst(2_500);
      await eventually(() => (storedEvents(place.database).length > 0 ? true : null), "a first batch is stored");
      source.burst(2_500);
      await pause(Math.random() * 30);
      await first.stop("SIGKILL");
      const committed = storedEvents(place.database);
      source.burst(300);
      const second = place.appProcess(source);
      await isListening(second);
      source.burst(100);
      const outcome = await untilAllIsStored(source, place.database);
      const stored = new Set(storedEvents(place.database));
      expect(committed.filter((row) => !stored.has(row))).toEqual([]);
      return { ...outcome, health: healthWords(place.database, [`${committed.length} committed at the kill`]) };
    },
  },
  {
    fault: "power loss",
    injected: "SIGSTOP in a burst, the files copied, the copy's -wal cut at random bytes (12 cuts; the app is started on two of them)",
    // Broken once: with the mark set after WAL (src/store/db.ts) the cut copy is refused; without the repair rows are lost.
    async play(place) {
      const source = await place.source();
      const app = place.appProcess(source);
      await isListening(app);
      await pastFetched(place.database);
      for (let n = 0; n < 5; n += 1) {
        source.burst(800);
        await pause(250);
      }
      await eventually(() => (storedEvents(place.database).length > 1_500 ? true : null), "some batches are stored");
      process.kill(app.pid, "SIGSTOP");
      const kept = copyOf(place, "kept", null);
      await app.stop("SIGKILL");
      const said = new Set(source.said());
      const walBytes = statSync(`${kept}-wal`).size;
      const started: string[] = [];
      for (let n = 0; n < 12; n += 1) {
        const bytes = n === 0 ? 0 : Math.floor(Math.random() * walBytes);
        const cut = copyOf(place, `cut-${n}`, bytes, kept);
        const db = openForWriting(cut);
        expect({ bytes, check: db.pragma("quick_check") }).toEqual({ bytes, check: "ok" });
        db.close();
        expect(storedEvents(cut).filter((row) => !said.has(row))).toEqual([]);
        if (n < 2) started.push(copyOf(place, `start-${n}`, bytes, kept));
      }
      source.burst(200);
      let worst = compareWith(source, started[0]!);
      for (const database of started) {
        const again = startApp({ DB_PATH: database, DATA_FOLDER: join(place.folder, "other"), HA_URL: source.url, HA_TOKEN: source.token });
        place.atEnd(() => again.stop("SIGKILL"));
        await isListening(again);
        const compared = await untilAllIsStored(source, database);
        await again.stop("SIGKILL");
        if (database === started[0] || compared.lost.length + compared.doubled.length > 0) worst = compared;
      }
      return { ...worst, health: healthWords(started[1]!, [`-wal of ${walBytes} bytes cut`]) };
    },
  },
  {
    fault: "disk full during commit",
    injected:
      "the database lies on a tmpfs of 8 MiB that a foreign file fills (or its files may not grow); changes come; then there is room again",
    // Broken once: with a refused batch that is let go (event-queue.ts) rows are lost.
    async play(place) {
      const disk = smallDisk(place.folder);
      place.atEnd(disk.remove);
      const database = join(disk.folder, FILE);
      const source = await place.source();
      const app = place.appProcess(source, { DATA_FOLDER: disk.folder });
      await isListening(app);
      source.burst(1_000);
      await untilAllIsStored(source, database);
      disk.fill(app);
      const during = new Set<string>();
      for (let n = 0; n < 16; n += 1) {
        source.burst(500);
        await pause(250);
        for (const code of markersOf(database)) during.add(code);
      }
      expect(compareWith(source, database).lost).not.toEqual([]);
      expect(app.stderr()).toMatch(/disk is full|disk I\/O error/);
      disk.free(app);
      source.burst(100);
      const outcome = await untilAllIsStored(source, database);
      return { ...outcome, health: healthWords(database, [...during, "the log: database or disk is full"]) };
    },
  },
  {
    fault: "two instances on one file",
    injected: "a second `node src/main.ts` on the same database, three times, while changes come",
    // Broken once: without the lock (src/store/ownership.ts) the second one stays.
    async play(place) {
      const source = await place.source();
      const first = place.appProcess(source);
      await isListening(first);
      const said: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        source.burst(300);
        const second = await place.appProcess(source).ended;
        expect(second.code).toBe(3);
        said.push(wordsOf(second.stderr));
      }
      expect(said[0]).toContain("owns the database");
      source.burst(100);
      const outcome = await untilAllIsStored(source, place.database);
      expect((await first.stop("SIGTERM")).code).toBe(0);
      return {
        ...compareWith(source, place.database),
        lost: outcome.lost,
        health: healthWords(place.database, ["exit 3: another running instance owns the database"]),
      };
    },
  },
];

/** A copy of the database and its log, the log cut to so many bytes. The app must stand still or be dead. */
function copyOf({ folder }: Place, name: string, walBytes: number | null, from = join(folder, FILE)): string {
  mkdirSync(join(folder, name), { recursive: true });
  const to = join(folder, name, FILE);
  copyFileSync(from, to);
  if (existsSync(`${from}-wal`)) {
    copyFileSync(`${from}-wal`, `${to}-wal`);
    if (walBytes !== null) truncateSync(`${to}-wal`, walBytes);
  }
  return to;
}
