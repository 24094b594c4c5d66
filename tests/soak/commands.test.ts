import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, rowsOf, runCommand } from "../e2e/program.ts";
import { easyGates, recordNights } from "../failures/nights.ts";
import { isListening } from "../failures/process-scenes.ts";
import { pastFetched, playPlace } from "../failures/scene.ts";
import { storedEvents } from "../failures/stored.ts";

const DAY = "2026-01-10";
const CALLS: readonly (readonly string[])[] = [
  ["features", "--rebuild"],
  ["train"],
  ["predict"],
  ["changes"],
  ["label", "add", `${DAY}T01:00`, `${DAY}T07:00`],
  ["label", "exclude", `${DAY}T12:00`, `${DAY}T13:00`],
  ["label", "import", "FOLDER/labels.csv"],
  ["backup"],
  ["backup", "FOLDER/good.db"],
  ["restore", "FOLDER/good.db"],
];

test("every command that writes does its work beside the running app, which lives on, and alone, and no event is touched", async () => {
  await playPlace(async (place) => {
    const source = await place.source();
    recordNights(source, 6);
    const environment = { DATA_FOLDER: place.folder, HA_URL: source.url, HA_TOKEN: source.token, ...easyGates(place.folder) };
    writeFileSync(join(place.folder, "labels.csv"), "start,end\n2026-01-12T01:00,2026-01-12T07:00\n");
    const app = place.appProcess(source, environment);
    await isListening(app);
    await pastFetched(place.database);
    await eventually(() => rowsOf(place.database, "SELECT 1 FROM clr_training_runs WHERE status <> 'running'")[0], "trained", 60_000);
    const before = storedEvents(place.database).length;
    for (const isAlone of [false, true]) {
      if (isAlone) expect((await app.stop("SIGTERM")).code).toBe(0);
      for (const call of CALLS) {
        const words = call.map((word) => word.replace("FOLDER", place.folder));
        const { code, stderr } = await runCommand(words, environment);
        expect({ words, isAlone, code, stderr: code === 0 ? "" : stderr }).toEqual({ words, isAlone, code: 0, stderr: "" });
      }
    }
    expect(storedEvents(place.database).length).toBe(before);
    expect(rowsOf(place.database, "PRAGMA quick_check(3)")).toEqual([{ quick_check: "ok" }]);
  });
}, 400_000);
