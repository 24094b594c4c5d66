import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { ingestStore, registryStore } from "../src/app/ingest-store.ts";
import { createIngest } from "../src/flow/ingest/ingest.ts";
import { createHome } from "../src/hass/home.ts";
import { createSystemClock } from "../src/runtime/clock.ts";
import { createReaderThread } from "../src/runtime/threads/reader-client.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";
import { machine } from "./machine.ts";

interface Phase {
  readonly seconds: number;
  /** The longest that the main thread's loop was held up. */
  readonly lagMs: number;
  readonly rssMb: number;
}

/** A home of 15,000 entities: first connection, reconnection, an update of a registry; time, memory, and how long the loop was held up. */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const entities = Number(options["entities"] ?? 15_000);
  const folder = mkdtempSync(join(tmpdir(), "large-home-"));
  const server = fork(join(import.meta.dirname, "large-home-server.ts"), [String(entities)]);
  try {
    const [{ url, statesMb }] = (await once(server, "message")) as [{ url: string; statesMb: number }];
    return {
      bench: "large-home",
      entities,
      states_mb: round(statesMb),
      ...(await connections(url, join(folder, "large.db"))),
      machine: machine(),
    };
  } finally {
    await ended(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connections(url: string, path: string): Promise<object> {
  const clock = createSystemClock();
  const writer = startWriterThread(path, (error) => {
    throw error;
  });
  await writer.open(clock.nowMs());
  const reads = createReaderThread(path);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const phases: Record<string, Phase> = {};
  for (const phase of ["first_connection", "next_start"]) {
    let puts = 0;
    const registry = registryStore({ writer, reads }, clock);
    const home = createHome({
      url,
      token: "bench",
      clock,
      onState: (state) => (state.kind === "connected" ? ingest.connected() : ingest.disconnected()),
    });
    const ingest = createIngest({
      home,
      store: ingestStore({ writer, reads }, clock),
      clock,
      choice: {
        include: ["class:power", "area:Area 1*", "sensor.*_device_?_*"],
        exclude: ["area:Area 3", "domain:switch"],
        always: [],
        attributes: [],
      },
      registry: {
        subscribe: (onUpdate) => home.subscribeRegistries(onUpdate),
        facts: (states) => home.facts(states),
        ...registry,
        async put(facts, told) {
          const stored = await registry.put(facts, told);
          puts += 1;
          return stored;
        },
      },
      backfillDays: 10,
      onTrouble: (step, error) => process.stderr.write(`${step}: ${String(error)}\n`),
    });
    delay.reset();
    const began = performance.now();
    home.start();
    while (puts === 0 || ingest.status().backfill?.isComplete !== true) await new Promise((resolve) => setTimeout(resolve, 10));
    phases[phase] = {
      seconds: round((performance.now() - began) / 1000),
      lagMs: round(delay.max / 1e6),
      rssMb: round(process.memoryUsage.rss() / 2 ** 20),
    };
    await ingest.stop();
    await home.stop();
  }
  await reads.close();
  await writer.close(0);
  return phases;
}

async function ended(server: ChildProcess): Promise<void> {
  const gone = once(server, "exit");
  server.disconnect();
  await gone;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
