import { createLive } from "../src/flow/ingest/live.ts";
import { createHome } from "../src/hass/home.ts";
import type { Json } from "../src/kit/contract.ts";
import { createLiveAgenda } from "../src/runtime/apps/agenda.ts";
import { createApps } from "../src/runtime/apps/apps.ts";
import { createEventListeners } from "../src/runtime/apps/event-listeners.ts";
import { createLearned } from "../src/runtime/apps/learned.ts";
import { memoryReceipts, memoryStore } from "../src/runtime/apps/memory-store.ts";
import { createPlaces } from "../src/runtime/apps/places.ts";
import { createStateListeners } from "../src/runtime/apps/state-listeners.ts";
import { createStates } from "../src/runtime/apps/states.ts";
import { createSystemClock } from "../src/runtime/clock.ts";
import { createSpill } from "../src/runtime/spill.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";

/** The program's path from the websocket to apps, with ingest beside it as in life, in a process of its own. */

const [url, token, folder] = process.argv.slice(2) as [string, string, string];
const clock = createSystemClock();
const writer = startWriterThread(`${folder}/runtime.db`, (error) => {
  throw error;
});
await writer.open(clock.nowMs());
const live = createLive({
  clock,
  spill: createSpill({ folder: `${folder}/spill` }),
  write: (events) => writer.write("insertEvents", { events, nowMs: clock.nowMs() }),
  isChosen: () => true,
  isHelper: () => false,
  onDropped: ({ count }) => process.stderr.write(`${count} events dropped by ingest\n`),
  onWriteFailed: (error) => process.stderr.write(`${String(error)}\n`),
});
const agenda = createLiveAgenda(clock);
const states = createStates();
const stateListeners = createStateListeners(states, agenda, clock.nowMs);
const home = createHome({ url, token, clock, onState: (state) => state.kind === "connected" && void listen() });

const apps = createApps({
  folder,
  clock,
  clockParameters: { kind: "system", offsetMs: 0 },
  ports: {
    clock,
    agenda,
    states,
    stateListeners,
    eventListeners: createEventListeners(() => undefined),
    learned: createLearned(),
    home: {
      callService: async () => null,
      async fireEvent(_type, data: Readonly<Record<string, Json>>) {
        process.send!({ counted: data });
      },
      setState: async () => undefined,
      history: async () => [],
    },
    findings: { targets: ["sleep"], probability: async () => null, changes: async () => [] },
    store: memoryStore(),
    receipts: memoryReceipts(),
    places: createPlaces({ timeZone: "UTC" }),
  },
  reports: {
    log: () => undefined,
    failed: (app, words) => process.send!({ failed: { app, words, atMs: performance.timeOrigin + performance.now() } }),
    recovered: () => undefined,
    behind: () => undefined,
    caughtUp: () => undefined,
  },
  onFindings: (findings) => findings.length > 0 && process.stderr.write(`${findings.join("\n")}\n`),
});

async function listen(): Promise<void> {
  states.compare([]);
  await home.subscribe((change) => {
    live.accept(change);
    stateListeners.heard(states.note(change));
  });
  await apps.start();
  process.send!({ ready: apps.status().map(({ name, state }) => `${name} ${state}`) });
}

home.start();
process.on("message", (message: { readonly end?: true }) => {
  // By itself, so that Node keeps what it compiled; a user's program does so from its first start on.
  if (message.end) process.exit(0);
  process.send!({
    figures: {
      cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
      stored: live.counts().written,
      spilled: live.counts().spilled,
      status: apps.status(),
    },
  });
});
