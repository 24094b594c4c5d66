import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openForReading } from "../src/store/db.ts";
import { type Burst, withPeers } from "./ingest-peers.ts";
import { machine, spreadOf } from "./machine.ts";

const RUNS = 5;
const QUIET_LIMIT_MS = 30_000;
/** Through a real Home Assistant: as many as its recorder is measured with. */
const HOME_EVENTS = 20_000;
const HOME_ENTITIES = 500;

interface SenderReady {
  readonly url: string;
}
interface AppFigures {
  readonly rssMb: number;
  readonly lagMs: number;
  /** Longest stretch of the main thread's own work, ms of processor time. */
  readonly workMs: number;
  /** Events that went through the disk. */
  readonly spilled: number;
}
interface Measured extends AppFigures {
  readonly rate: number;
}

/**
 * Committed events per second through a real websocket: a sender in a process of its own speaks Home Assistant's protocol, the app's own
 * client, buffer and writer thread (a third process) take them in. From the first event sent to the last one committed. Where a real Home
 * Assistant can be run: its recorder (the peer) and a bare client that stores nothing, and the same path of ours behind its burst.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const events = Number(options["events"] ?? 200_000);
  const entities = Number(options["entities"] ?? 1500);
  const load = loadavg()[0]!;
  const runs: Measured[] = [];
  for (let i = 0; i < RUNS; i += 1) runs.push(await measure(events, entities));
  const rates = spreadOf(runs.map((run) => run.rate));
  const beside = await withPeers((home, burst) => measureBehind(home, burst));
  return {
    name: "ingest",
    ours: Math.round(rates.median),
    ...(beside?.peers.recorder ? { peer: beside.peers.recorder, ratio: Number((rates.median / beside.peers.recorder).toFixed(1)) } : {}),
    unit: "committed events/s",
    runs: rates,
    events,
    entities,
    rssMb: Math.round(Math.max(...runs.map((run) => run.rssMb))),
    lagMs: Math.round(spreadOf(runs.map((run) => run.lagMs)).median),
    largestLagMs: Math.round(Math.max(...runs.map((run) => run.lagMs))),
    workMs: Number(Math.max(...runs.map((run) => run.workMs)).toFixed(1)),
    spilled: Math.max(...runs.map((run) => run.spilled)),
    ...(beside ? { bareClient: beside.peers.bareClient, behindHomeAssistant: beside.ours, homeAssistant: beside.peers.homeAssistant } : {}),
    load: Number(load.toFixed(2)),
    machine: machine(),
  };
}

async function measure(events: number, entities: number): Promise<Measured> {
  const sender = fork(join(import.meta.dirname, "ingest-sender.ts"), [String(events), String(entities)]);
  try {
    const { url } = await answer<SenderReady>(sender);
    return await takeIn(url, "token", events, async () => {
      sender.send({});
      return (await answer<{ startedMs: number }>(sender)).startedMs;
    });
  } finally {
    sender.kill();
  }
}

async function measureBehind(home: { readonly url: string; readonly token: string }, burst: Burst): Promise<number> {
  const { rate } = await takeIn(home.url, home.token, HOME_EVENTS, () => burst(HOME_EVENTS, HOME_ENTITIES));
  return Math.round(rate);
}

/** The app's process from its subscription until that many events are committed. */
async function takeIn(url: string, token: string, events: number, begin: () => Promise<number>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ingest-"));
  const dbPath = join(folder, "ingest.db");
  const app = fork(join(import.meta.dirname, "ingest-app.ts"), [url, dbPath, String(events), token]);
  try {
    await answer(app); // subscribed
    const startedMs = await begin();
    const committedMs = await allCommitted(dbPath, events);
    app.send({ report: true });
    return { rate: (events * 1000) / (committedMs - startedMs), ...(await answer<AppFigures>(app)) };
  } finally {
    app.kill();
    await pause(200);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function allCommitted(dbPath: string, events: number): Promise<number> {
  const db = openForReading(dbPath);
  try {
    for (let last = 0, quietSince = Date.now(); ; ) {
      const stored = Number(db.get<{ value: string }>("SELECT value FROM health WHERE key = 'events_total'")?.value ?? 0);
      if (stored >= events) return Date.now();
      if (stored !== last) {
        last = stored;
        quietSince = Date.now();
      }
      if (Date.now() - quietSince > QUIET_LIMIT_MS) throw new Error(`only ${stored} of ${events} events were committed`);
      await pause(5);
    }
  } finally {
    db.close();
  }
}

function answer<T>(child: ReturnType<typeof fork>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });
}
