import { join } from "node:path";
import { expect, test } from "vitest";
import { reportLoad } from "../../src/app/load.ts";
import { createMarkers } from "../../src/app/markers.ts";
import { createLive } from "../../src/flow/ingest/live.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createSpill } from "../../src/runtime/spill.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { getHealth } from "../../src/store/tables/metadata.ts";
import type { WriteName, Writer } from "../../src/store/writer.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";
import { refusingWriter } from "../helpers/refusing-writer.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

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

const nothingCounted = { held: 0, accepted: 0, ignored: 0, written: 0, inserted: 0, failedWrites: 0, dropped: 0, spilled: 0, recovered: 0 };

// Broken once: what could not be written counted as told, and the drop was marked and counted never; and where the count could not be written,
// nothing was marked, or the marker stood until the next fetch of what was dropped.
test.each(["addHealth", "setHealth", "markDegraded"] as const)(
  "where %s fails all else is told; what failed is told once, when it can be",
  async (failing: WriteName) => {
    const db = temporaryDatabase();
    const clock = createLeapingClock(Date.UTC(2026, 0, 1));
    const refused = new Set([failing]);
    const writer = refusingWriter(inlineWriter(db), refused);
    const errors: unknown[] = [];
    const load = reportLoad({
      clock,
      writer,
      markers: createMarkers(writer, clock, log),
      live: () => ({ ...nothingCounted, dropped: 1000 }),
      spill: () => ({ bytes: 7, damaged: 2, failedWrites: 0 }),
      onError: (error) => errors.push(error),
    });
    expect([await load.isSettled(), errors.length]).toEqual([true, failing === "markDegraded" ? 0 : 1]);
    expect(db.all("SELECT code FROM degraded")).toEqual(failing === "markDegraded" ? [] : [{ code: "events_dropped" }]);
    refused.clear();
    clock.tick();
    await load.stop();
    expect(await load.isSettled()).toBe(true);
    expect(db.all<{ cause: string }>("SELECT cause FROM degraded")).toEqual([{ cause: expect.stringMatching(/^1000 events came/) }]);
    expect(getHealth(db)).toMatchObject({ events_dropped: "1000", spill_damaged: "2", spill_bytes: "7" });
  },
);

// Broken once: the fetch asked a report that had begun before the last of them was dropped, and the next one marked them until another fetch.
test("what was dropped while a report waits for the file, and is fetched by then, is not marked any more", async () => {
  const db = temporaryDatabase();
  const clock = createLeapingClock(Date.UTC(2026, 0, 1));
  const inner = inlineWriter(db);
  const unlocked = Promise.withResolvers<void>();
  const writer: Writer = {
    async write(name, input) {
      if (name === "addHealth") await unlocked.promise;
      return inner.write(name, input);
    },
  };
  const markers = createMarkers(inner, clock, log);
  let dropped = 1000;
  const load = reportLoad({
    clock,
    writer,
    markers,
    live: () => ({ ...nothingCounted, dropped }),
    spill: () => ({ bytes: 0, damaged: 0, failedWrites: 0 }),
    onError: (error) => expect(error).toBeUndefined(),
  });
  clock.tick();
  await settled();
  dropped = 1500;
  const asked = load.isSettled();
  await settled();
  unlocked.resolve();
  expect(await asked).toBe(true);
  await markers.clear("events_dropped");
  clock.tick();
  await load.stop();
  expect(db.all("SELECT code FROM degraded")).toEqual([]);
  expect(getHealth(db)["events_dropped"]).toBe("1500");
});

const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5));
