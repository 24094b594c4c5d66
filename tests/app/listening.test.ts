import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createListening, type ListeningParts } from "../../src/app/listening.ts";
import { createMarkers } from "../../src/app/markers.ts";
import { readConfig } from "../../src/config/config.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { getMetadata } from "../../src/store/tables/metadata.ts";
import type { Writer } from "../../src/store/writer.ts";
import { smallHome } from "../flow/small-home.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { startScriptedHome } from "../helpers/scripted-ha.ts";
import { createFastClock } from "../helpers/test-clock.ts";

// Broken once: with a marker whose failure ends what is tried again (listening.ts) the home is never subscribed to, and a rejection that
// nobody hears ends the program.
test("a home that refuses a question while the disk is full is listened to once there is room", { timeout: 60_000 }, async () => {
  const { db, writer, reader } = await smallHome();
  const server = await startScriptedHome();
  let refusals = 1;
  server.on("get_config", () => {
    if (refusals-- > 0) throw { code: "timeout", message: "busy" };
    return { version: "2026.11.0", time_zone: "Europe/Amsterdam", location_name: "Home", state: "RUNNING", latitude: 52, longitude: 5 };
  });
  for (const list of ["entity", "device", "area"]) server.on(`config/${list}_registry/list`, () => []);
  let isFull = true;
  const failing: Writer = {
    write: (name, input) => (isFull ? Promise.reject(new Error("database or disk is full")) : writer.write(name, input)),
  };
  const say = (): void => undefined;
  const log = { debug: say, info: say, warn: say, error: say };
  const clock = createFastClock(50);
  const listening = await createListening({
    clock,
    log,
    config: { ...readConfig({ DATA_FOLDER: temporaryFolder(), HA_URL: server.url, HA_TOKEN: "token" }), dbPath: db.path },
    url: server.url,
    token: "token",
    markers: createMarkers(failing, clock, log),
    database: { writer: failing, reads: inlineReader(reader), heardUntilMs: null },
  } as unknown as ListeningParts);
  onTestFinished(async () => {
    await listening.stop();
    await server.stop();
  });
  const ready: string[] = [];
  listening.onReady(async (timeZone) => void ready.push(timeZone));
  listening.start();
  await pause(500);
  isFull = false;
  const connection = (): unknown => reader.get("SELECT value FROM health WHERE key = 'connection'");
  for (let waited = 0; waited < 20_000 && (ready.length === 0 || connection() === undefined); waited += 50) await pause(50);
  expect([ready, connection(), getMetadata(reader, "time_zone")]).toEqual([
    ["Europe/Amsterdam"],
    { value: "connected" },
    "Europe/Amsterdam",
  ]);
  expect(server.subscriptions()).toBeGreaterThan(0);
});
