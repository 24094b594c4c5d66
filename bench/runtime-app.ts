import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createLive } from "../src/flow/ingest/live.ts";
import { createHome } from "../src/hass/home.ts";
import type { Json } from "../src/kit/contract.ts";
import { readAppsFile } from "../src/runtime/apps/folder/apps-file.ts";
import { type AppsProcess, startAppsProcess } from "../src/runtime/apps/process/apps-process.ts";
import { memoryReceipts, memoryStore } from "../src/runtime/apps/simulated/memory-store.ts";
import { createSystemClock } from "../src/runtime/clock.ts";
import { createSpill } from "../src/runtime/spill.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";

/** The program's path from the websocket to apps, with ingest beside it as in life, in a process of its own. */

const [url, token, folder] = process.argv.slice(2) as [string, string, string];
const wanted = readAppsFile(folder).entries.length;
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
let apps: AppsProcess | null = null;
const home = createHome({ url, token, clock, onState: (state) => state.kind === "connected" && void listen() });

async function listen(): Promise<void> {
  await home.subscribe((change) => {
    live.accept(change);
    apps?.heard(change);
  });
  apps = startAppsProcess({
    folder,
    clock,
    clockParameters: { kind: "system", offsetMs: 0 },
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
    reports: {
      log: () => undefined,
      failed: (app, words) => process.send!({ failed: { app, words, atMs: performance.timeOrigin + performance.now() } }),
      recovered: () => undefined,
      behind: () => undefined,
      caughtUp: () => undefined,
    },
    onFindings: (findings) => findings.length > 0 && process.stderr.write(`${findings.join("\n")}\n`),
    onType: () => undefined,
    onTrouble: (words, fields) => process.stderr.write(`${words} ${JSON.stringify(fields)}\n`),
    onLine: (line) => process.stderr.write(`${line}\n`),
    onDown: (down) => down !== null && process.stderr.write(`${JSON.stringify(down)}\n`),
    onIgnorant: () => undefined,
  });
  apps.all([]);
  apps.place({ timeZone: "UTC" });
  process.send!({ ready: await allStarted(apps) });
}

/** Resolves once each app has been started, well or not. */
async function allStarted(running: AppsProcess): Promise<readonly string[]> {
  for (;;) {
    const status = await running.status();
    if (status.length >= wanted && status.every(({ state }) => state === "running" || state === "failed"))
      return status.map(({ name, state }) => `${name} ${state}`);
    await pause(20);
  }
}

/** What the program and all that it started hold: shared pages are counted once. */
function memoryMb(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((pid) => pid !== "");
  const of = (pid: string): number => Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1]) / 1024;
  return ["self", ...children].reduce((sum, pid) => sum + of(pid), 0);
}

home.start();
process.on("message", async (message: { readonly end?: true }) => {
  // By itself, so that Node keeps what it compiled; a user's program does so from its first start on.
  if (message.end) process.exit(0);
  process.send!({
    figures: { memoryMb: memoryMb(), stored: live.counts().written, spilled: live.counts().spilled, status: (await apps?.status()) ?? [] },
  });
});
