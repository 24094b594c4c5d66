import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openForReading } from "../src/store/db.ts";
import { machine, spreadOf } from "./machine.ts";

const RUNS = 3;
const QUIET_LIMIT_MS = 30_000;

interface SenderReady {
  readonly url: string;
}
interface AppFigures {
  readonly rssMb: number;
  readonly lagMs: number;
}

/**
 * Committed events per second through a real websocket: a sender in a process of its own speaks Home Assistant's protocol, the app's own
 * client, buffer and writer thread (a third process) take them in. From the first event sent to the last one committed.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const events = Number(options["events"] ?? 200_000);
  const entities = Number(options["entities"] ?? 1500);
  const rates: number[] = [];
  const rss: number[] = [];
  const lags: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const one = await measure(events, entities);
    rates.push(one.rate);
    rss.push(one.rssMb);
    lags.push(one.lagMs);
  }
  return {
    name: "ingest",
    ours: Math.round(spreadOf(rates).median),
    unit: "committed events/s",
    runs: spreadOf(rates),
    events,
    entities,
    rssMb: Math.round(Math.max(...rss)),
    lagMs: Math.round(Math.max(...lags)),
    machine: machine(),
  };
}

async function measure(events: number, entities: number): Promise<{ rate: number; rssMb: number; lagMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ingest-"));
  const dbPath = join(folder, "ingest.db");
  const sender = fork(join(import.meta.dirname, "ingest-sender.ts"), [String(events), String(entities)]);
  const { url } = await answer<SenderReady>(sender);
  const app = fork(join(import.meta.dirname, "ingest-app.ts"), [url, dbPath, String(events)]);
  try {
    await answer(app); // subscribed
    sender.send({ go: true });
    const { startedMs } = await answer<{ startedMs: number }>(sender);
    const committedMs = await allCommitted(dbPath, events);
    app.send({ report: true });
    const { rssMb, lagMs } = await answer<AppFigures>(app);
    return { rate: (events * 1000) / (committedMs - startedMs), rssMb, lagMs };
  } finally {
    app.kill();
    sender.kill();
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
