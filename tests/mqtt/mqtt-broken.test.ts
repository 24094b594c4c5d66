import { expect, onTestFinished, test } from "vitest";
import { createMarkers } from "../../src/app/markers.ts";
import { type MqttEntitiesParts, startMqttEntities } from "../../src/app/mqtt-entities.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import type { WriteName } from "../../src/store/writer.ts";
import { eventually } from "../e2e/program.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { refusingWriter } from "../helpers/refusing-writer.ts";
import { type BreakingBroker, startBreakingBroker } from "./breaking-broker.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const BEFORE = JSON.stringify({ prefix: "homeassistant", topic: "ml_data_layer", targets: ["sleep", "nap"] });

/** The run before this one had announced a nap too. */
async function createScene(takes: number, enabled: boolean, refused = new Set<WriteName>()) {
  const db = temporaryDatabase();
  setMetadata(db, { mqtt_announced: BEFORE });
  const broker = await startBreakingBroker(takes);
  const clock = createSystemClock();
  const writer = refusingWriter(inlineWriter(db), refused);
  const named = { host: "127.0.0.1", port: broker.port, isEncrypted: false, username: null, password: null };
  const parts = {
    clock,
    log,
    version: "1",
    markers: createMarkers(writer, clock, log),
    database: { reads: inlineReader(db), writer },
    config: {
      options: { mqtt: { enabled, discovery_prefix: "homeassistant", topic: "ml_data_layer" }, targets: [{ name: "sleep" }] },
      broker: { kind: "named", broker: named },
    },
  };
  // No more of the app is needed here.
  const entities = await startMqttEntities(parts as unknown as MqttEntitiesParts);
  onTestFinished(() => entities.stop());
  const note = (): unknown => db.get<{ value: string }>("SELECT value FROM metadata WHERE key = 'mqtt_announced'")!.value;
  const marked = (): string[] => db.all<{ code: string }>("SELECT code FROM degraded").map(({ code }) => code);
  return { broker, note, marked };
}
const connected = ({ connections }: BreakingBroker, times: number): Promise<true> =>
  eventually(() => (connections() >= times ? true : null), `${times} connections`, 20_000);

// Broken once: what did not reach the broker counted as said; the nap stayed in Home Assistant for good, and nothing was in trouble.
test.each([0, 1, 2])(
  "a connection that breaks behind %i messages leaves the note of what is to be taken away, and the marker",
  async (takes) => {
    const { broker, note, marked } = await createScene(takes, true);
    await connected(broker, 2);
    expect([note(), marked()]).toEqual([BEFORE, ["mqtt_unreachable"]]);
  },
);

test.each([3, 4])("one that breaks behind %i, before the entities are available, leaves the marker", async (takes) => {
  const { broker, note, marked } = await createScene(takes, true);
  await connected(broker, 2);
  expect([note(), marked()]).toEqual([BEFORE.replace(',"nap"', ""), ["mqtt_unreachable"]]);
});

// Broken once: the note counted as taken back before that was written, and the next connection took back null.
test("where the note cannot be written all is taken away at the next connection", async () => {
  const refused = new Set<WriteName>(["setMetadata"]);
  const { broker, note, marked } = await createScene(100, false, refused);
  await eventually(() => (marked().length > 0 ? true : null), "marked");
  refused.clear();
  await eventually(() => (marked().length === 0 ? true : null), "in order again", 20_000);
  expect([note(), broker.connections()]).toEqual(["", 2]);
  expect(broker.taken).toContain("ml_data_layer/target/nap=");
});
