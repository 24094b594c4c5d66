import { join } from "node:path";
import { expect, test } from "vitest";
import { createMarkers } from "../../src/app/markers.ts";
import { startUserApps, type UserAppsParts } from "../../src/app/user-apps.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { markDegraded } from "../../src/store/tables/metadata.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const NOW = Date.UTC(2026, 10, 21);
const say = (): void => undefined;
const log = { debug: say, info: say, warn: say, error: say };

// Broken once: a stop while the process of the apps was down left apps_ended for good, and without an apps.yaml nothing cleared apps_file_wrong.
test("what the run before said of the apps is over, though there is no apps.yaml any more", async () => {
  const db = temporaryDatabase();
  for (const code of ["apps_ended", "apps_file_wrong", "app_failed_slow", "options_wrong"])
    markDegraded(db, { code, cause: "Of before.", effect: "None.", remedy: "None.", sinceMs: NOW });
  const clock = createLeapingClock(NOW);
  const writer = inlineWriter(db);
  // No more of the app is needed here.
  const apps = startUserApps({
    clock,
    log,
    markers: createMarkers(writer, clock, log),
    database: { reads: inlineReader(db), writer },
    config: { appsFolder: join(temporaryFolder(), "none") },
    listening: { home: {}, onState: say, onZone: say, onListening: say },
  } as unknown as UserAppsParts);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(db.all("SELECT code FROM degraded")).toEqual([{ code: "options_wrong" }]);
  await apps.stop();
});
