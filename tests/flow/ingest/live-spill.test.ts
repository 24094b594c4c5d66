import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { createIngest } from "../../../src/flow/ingest/ingest.ts";
import type { Ingest, IngestOptions } from "../../../src/flow/ingest/ingest-options.ts";
import { createHome } from "../../../src/hass/home.ts";
import { secondsToUs } from "../../../src/hass/instants.ts";
import { createSpill } from "../../../src/runtime/spill.ts";
import { temporaryFolder } from "../../helpers/database.ts";
import { createModelHome, type HistoryCommand } from "../../helpers/model-home.ts";
import { createModelStore } from "../../helpers/model-store.ts";
import { startScriptedHome } from "../../helpers/scripted-ha.ts";
import { createFastClock } from "../../helpers/test-clock.ts";

const FASTER = 200; // a minute takes 0.3 s
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function eventually(what: () => boolean): Promise<void> {
  for (let waited = 0; waited < 15_000; waited += 10) {
    if (what()) return;
    await pause(10);
  }
  throw new Error(`never: ${what}`);
}

/** The model home behind a real websocket, and the app's ear with a disk queue. */
async function createScene() {
  const clock = createFastClock(FASTER);
  const model = createModelHome();
  const server = await startScriptedHome();
  ended.push(server.stop);
  server.on("get_states", () => model.states());
  server.on("history/history_during_period", (command) => model.history(command as unknown as HistoryCommand, clock.nowMs() / 1000));
  const store = createModelStore();
  let counter = 0;

  function change(entityId: string, isMissed = false): { readonly state: string; readonly updatedUs: number } {
    counter += 1;
    const event = model.set(entityId, { state: `s${counter}` }, clock.nowMs() / 1000);
    if (event && !isMissed) server.emit(event);
    return { state: `s${counter}`, updatedUs: secondsToUs(model.rows().at(-1)!.updated) };
  }
  const truth = (): string[] =>
    model
      .rows()
      .map((row) => `${row.entityId}@${secondsToUs(row.updated)}=${row.state}`)
      .sort();
  function listen(over: Partial<IngestOptions>): Ingest {
    const home = createHome({
      url: server.url,
      token: "t",
      clock,
      onState: (state) => (state.kind === "connected" ? ingest.connected() : ingest.disconnected()),
    });
    const choice = { include: [], exclude: [], always: [] };
    const ingest = createIngest({ home, store, clock, choice, backfillDays: 3, ...over });
    home.start();
    ended.push(async () => {
      await ingest.stop();
      await home.stop();
    });
    return ingest;
  }
  return { clock, store, change, truth, listen };
}

test("beyond memory and disk, what is dropped is counted, stands in a gap and is fetched; the rest comes from the disk", async () => {
  const { store, change, truth, listen } = await createScene();
  let isStuck = false;
  const spill = createSpill({ folder: join(temporaryFolder(), "spill"), maxBytes: 2_000 });
  let refilled = 0;
  const ingest = listen({
    spill,
    maxHeld: 20,
    batchSize: 5,
    onRefilled: () => {
      refilled += 1;
    },
    store: {
      ...store,
      write: (events, saidBy) => (isStuck ? Promise.reject(new Error("disk full")) : store.write(events, saidBy)),
    },
  });
  change("light.n0");
  await eventually(() => ingest.status().backfill?.isComplete === true && store.contents().length === truth().length);
  isStuck = true;
  for (let n = 0; n < 200; n += 1) change(`light.n${n % 3}`);
  await eventually(() => ingest.status().live.dropped > 0 && ingest.status().live.accepted + ingest.status().live.dropped >= 200);
  expect(ingest.status().live.spilled).toBeGreaterThan(20);
  isStuck = false;
  await eventually(() => [...store.gaps.values()].some((gap) => gap.reason === "writer behind") && refilled > 0);
  await eventually(() => store.contents().length === truth().length);
  expect(store.contents()).toEqual(truth());
}, 20_000);

test("what a run before left on the disk is stored before anything is compared, so that what is missing behind it is found", async () => {
  const { clock, store, change, truth, listen } = await createScene();
  const folder = join(temporaryFolder(), "spill");
  const early = change("light.a", true);
  await store.write([{ entityId: "light.a", ...early, knownAtMs: null, source: "history" }]);
  const left = createSpill({ folder });
  for (let n = 0; n < 30; n += 1) {
    await pause(2);
    const event = { entityId: "light.a", ...change("light.a", true), knownAtMs: clock.nowMs(), source: "live" as const };
    left.put({ kind: "events", batch: { events: [event] } });
  }
  await left.close();
  for (let n = 0; n < 5; n += 1) change("light.a", true);

  const askedOf: number[] = [];
  const ingest = listen({
    spill: createSpill({ folder }),
    store: {
      ...store,
      newestStored: () => {
        askedOf.push(store.contents().length);
        return store.newestStored();
      },
    },
  });
  await eventually(() => ingest.status().lastRepair !== null);
  expect(askedOf.at(-1)).toBeGreaterThanOrEqual(31);
  expect(ingest.status().live).toMatchObject({ recovered: 30, accepted: 0, dropped: 0 });
  expect(store.contents()).toEqual(truth());
}, 20_000);
