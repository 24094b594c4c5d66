import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { askRunningApp } from "../../src/runtime/control.ts";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { eventually } from "../e2e/program.ts";
import { type AppHere, startAppHere } from "./app-here.ts";
import { type Place, playPlace } from "./scene.ts";

/** Another program holds the database's lock for longer than SQLite itself waits (10 s), as one does that compacts it. */

const HELD_MS = 11_500;

/** Takes the lock at once, or the moment a restore that comes has ended; resolves when it has begun to wait or to hold. */
async function holdLock({ database, atEnd }: Place, when: "now" | "after a restore", heldMs = HELD_MS): Promise<void> {
  const script = `import { existsSync } from "node:fs";
    import { openForWriting } from ${JSON.stringify(new URL("../../src/store/db.ts", import.meta.url).href)};
    const [path, when] = process.argv.slice(1);
    const db = openForWriting(path);
    if (when !== "now") {
      console.log("waits");
      const isGoingOn = () => existsSync(path + ".restoring");
      while (!isGoingOn()) await new Promise((resolve) => setTimeout(resolve, 1));
      while (isGoingOn());
    }
    db.exec("BEGIN IMMEDIATE");
    console.log("holds");
    setTimeout(() => db.exec("ROLLBACK"), ${heldMs});`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, database, when], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  atEnd(() => child.kill());
  await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
}

async function emptyDatabase({ database }: Place): Promise<void> {
  const db = openForWriting(database);
  migrate(db, Date.now());
  db.close();
}

const isReady = (url: string): Promise<unknown> =>
  eventually(async () => ((await fetch(`${url}readyz`)).status === 200 ? true : null), "it is ready");

const toldOfLock = (app: AppHere): Promise<unknown> =>
  eventually(() => app.log.find((line) => line.startsWith("warn Another program holds the lock")), "it is told of the lock");

describe("another program holds the lock", { concurrent: true, timeout: 60_000 }, () => {
  // Broken once: the start failed after SQLite's ten seconds.
  test("before the start: the app starts when it lets go", () =>
    playPlace(async (place) => {
      await emptyDatabase(place);
      await holdLock(place, "now");
      const app = await startAppHere({ folder: place.folder, source: await place.source() });
      place.atEnd(app.stop);
      expect(app.log.filter((line) => line.startsWith("warn Another program holds the lock"))).toHaveLength(1);
      await isReady(app.url);
    }));

  // Broken once: the app stayed up, heard nothing and said for ever that it was starting.
  test("from the end of a restore on: the app goes on when it lets go, and says meanwhile what it waits for", () =>
    playPlace(async (place) => {
      const app = await startAppHere({ folder: place.folder, source: await place.source() });
      place.atEnd(app.stop);
      const file = join(place.folder, "mine.db");
      await eventually(() => askRunningApp(place.database, "backup", { file, scope: "all" }).catch(() => null), "a copy");
      await holdLock(place, "after a restore");
      const restored = askRunningApp(place.database, "restore", { file });
      await toldOfLock(app);
      expect(await (await fetch(`${app.url}readyz`)).text()).toContain("Another program holds the lock");
      await restored;
      await isReady(app.url);
      expect(app.log.filter((line) => line.startsWith("fatal"))).toEqual([]);
    }));

  test("while it holds on, the app can be stopped", () =>
    playPlace(async (place) => {
      const app = await startAppHere({ folder: place.folder, source: await place.source() });
      const file = join(place.folder, "mine.db");
      await eventually(() => askRunningApp(place.database, "backup", { file, scope: "all" }).catch(() => null), "a copy");
      await holdLock(place, "after a restore", 60_000);
      const restored = askRunningApp(place.database, "restore", { file }).catch(() => "cut off");
      await toldOfLock(app);
      // Broken once: it waited behind the lock.
      await app.stop();
      expect(await restored).toBe("cut off");
      expect(app.log.filter((line) => line.startsWith("fatal"))).toEqual([]);
    }));
});

// Broken once: nobody but who had asked for the restore was told, and the app stayed up without its file.
test("a file that cannot be taken up again after a restore ends the app, so that it is started anew", () =>
  playPlace(async (place) => {
    const app = await startAppHere({ folder: place.folder, source: await place.source() });
    place.atEnd(app.stop);
    const file = join(place.folder, "mine.db");
    await eventually(() => askRunningApp(place.database, "backup", { file, scope: "all" }).catch(() => null), "a copy");
    Object.assign(app.clock, {
      timer() {
        throw new Error("no timers any more");
      },
    });
    await expect(askRunningApp(place.database, "restore", { file })).rejects.toThrow();
    expect(app.log.filter((line) => line.startsWith("fatal"))).toEqual(["fatal no timers any more {}"]);
  }));
