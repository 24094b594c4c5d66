import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "../../src/app/database.ts";
import { startLearning } from "../../src/app/learning.ts";
import type { Listening } from "../../src/app/listening.ts";
import { createMarkers } from "../../src/app/markers.ts";
import type { AppParts } from "../../src/app/parts.ts";
import { readConfig } from "../../src/config/config.ts";
import { isoMs } from "../../src/core/time.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { keptHome } from "../store/kept-home.ts";

/** The schedules of a stored home, and who tells them that it has moved. */
async function createScene(change: (opened: OpenDatabase) => Partial<Pick<OpenDatabase, "writer" | "reads">>) {
  const db = keptHome(temporaryFolder(), { name: "ha_ml_data_layer.db" });
  const dataFolder = dirname(db.path);
  db.close();
  const clock = createSystemClock();
  const say = (): void => undefined;
  const parts: AppParts = {
    config: readConfig({ DATA_FOLDER: dataFolder, HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" }),
    url: "",
    token: "",
    clock,
    clockParameters: { kind: "system", offsetMs: 0 },
    version: "0",
    log: { debug: say, info: say, warn: say, error: say },
    onFatal: say,
  };
  const opened = await openDatabase({ ...parts, news: {}, stopping: new AbortController().signal });
  await opened.writer.write("setMetadata", { time_zone: "Europe/Amsterdam", backfill_done_at: isoMs(clock.nowMs()) });
  let moveTo: (place: string) => Promise<void> = async () => undefined;
  const listening = {
    flush: async () => undefined,
    onReady: say,
    onLabel: say,
    onZone: (callback: typeof moveTo) => {
      moveTo = callback;
    },
  };
  const learning = await startLearning({
    ...parts,
    database: { ...opened, ...change(opened) },
    markers: createMarkers(opened.writer, clock, parts.log),
    listening: listening as unknown as Listening,
    care: { backUp: () => Promise.reject(new Error("no backup here")), suspect: say },
    onComputed: say,
  });
  return { learning, moveTo: (zone: string) => moveTo(zone), close: () => opened.close(clock.nowMs()) };
}

// Broken once: a stop that did not wait for the schedules that end because of a move let the writer be closed under them; their receipts were
// never answered, and the app hung until its own limit of 45 seconds ended it with code 1.
test("a stop waits for the schedules that a move of the home has just ended", async () => {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const { learning, moveTo, close } = await createScene(({ writer }) => ({
    writer: {
      ...writer,
      async write(name, input) {
        if (name === "beginRun") {
          begun.resolve();
          await held.promise;
        }
        return writer.write(name, input);
      },
    },
  }));
  const run = learning.runJob("maintenance");
  await begun.promise;
  const moved = moveTo("Pacific/Auckland");
  await pause(300);
  let isStopped = false;
  const stopped = learning.stop().then(() => {
    isStopped = true;
  });
  await pause(300);
  expect(isStopped).toBe(false);
  held.resolve();
  await Promise.all([stopped, moved, run]);
  await close();
});

test("schedules that ended for a move and could not begin again begin with the next word of the home", async () => {
  let isBroken = false;
  const { learning, moveTo, close } = await createScene(({ reads }) => ({
    reads: {
      ...reads,
      read: (name, input) => (isBroken && name === "ledgers" ? Promise.reject(new Error("no answer")) : reads.read(name, input)),
    },
  }));
  isBroken = true;
  await expect(moveTo("Pacific/Auckland")).rejects.toThrow("no answer");
  expect(learning.nextRuns()).toEqual([]);
  isBroken = false;
  await moveTo("Pacific/Auckland");
  expect(learning.nextRuns()).not.toEqual([]);
  await learning.stop();
  await close();
});
