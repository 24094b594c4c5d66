import { join } from "node:path";
import { expect, test } from "vitest";
import { reportLoad } from "../../src/app/load.ts";
import { createMarkers } from "../../src/app/markers.ts";
import { createLive } from "../../src/flow/ingest/live.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createSpill } from "../../src/runtime/spill.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

test("events_dropped: more come than there is room for while nothing can be written", async () => {
  const db = temporaryDatabase();
  const clock = createSystemClock();
  const writer = inlineWriter(db);
  const spill = createSpill({ folder: join(temporaryFolder(), "spill") });
  const live = createLive({
    clock,
    maxHeld: 5000,
    write: () => new Promise(() => undefined),
    isChosen: () => true,
    isHelper: () => false,
    onDropped: () => undefined,
    onWriteFailed: () => undefined,
  });
  const load = reportLoad({
    clock,
    writer,
    markers: createMarkers(writer, clock, log),
    live: () => live.counts(),
    spill: () => spill.counts(),
    onError: (error) => expect(error).toBeUndefined(),
  });
  const startUs = clock.nowMs() * 1000;
  for (let i = 0; i < 6000; i += 1)
    live.accept({ entityId: "sensor.busy", state: String(i), changedUs: startUs + i, updatedUs: startUs + i, userId: null });
  expect(live.counts().dropped).toBe(1000);
  expect(await load.isSettled()).toBe(true);
  await load.stop();
  expect(db.all("SELECT code FROM degraded")).toEqual([{ code: "events_dropped" }]);
});
