import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { simulatedBareRate } from "./bare-client.ts";
import { machine, spreadOf } from "./machine.ts";
import { COUNTING, IDLE, LOOP, SMALL, STORM } from "./runtime-apps.ts";
import { withAppDaemon } from "./runtime-peers.ts";
import { openStage, type Stage } from "./runtime-stage.ts";

const RUNS = 5;
const PER_SECOND = 500;
const PACED_EVENTS = 3_000;
const SMALL_APPS = 50;

/**
 * State callbacks delivered to apps per second, from the first event sent to the last callback, with ingest storing the same events beside it. The
 * setting is the peer's: one app, one listener for everything. `bareClient` is a client of the same home that parses and does nothing else. `--apps N`: so many such apps, each told of everything. Then delays at 500 events/s,
 * alone, beside a storm and beside an endless loop, and the memory of 50 small apps.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const events = Number(options["events"] ?? 100_000);
  const apps = Number(options["apps"] ?? 1);
  const entities = Number(options["entities"] ?? 500);
  const load = loadavg()[0]!;
  const floods: Flood[] = [];
  const bare: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    bare.push(await simulatedBareRate(events, entities));
    floods.push(await flood(events, apps, entities));
  }
  const rates = spreadOf(floods.map((each) => each.rate));
  const ingest = await besideIngest(events);
  const alone = await delays({});
  const stormy = await delays({ storm: STORM });
  const looping = await delays({ loop: LOOP });
  const memory = await memoryOf(SMALL_APPS);
  const beside = await withAppDaemon((home, burst) => behindHome(home, burst));
  return {
    name: "runtime",
    ours: Math.round(rates.median),
    ...(beside?.peer ? { peer: beside.peer, ratio: Number((beside.ours / beside.peer).toFixed(1)) } : {}),
    unit: "callbacks/s",
    runs: rates,
    bareClient: Math.round(spreadOf(bare).median),
    events,
    apps,
    dropped: Math.max(...floods.map((each) => each.dropped)),
    ...(beside
      ? {
          behindHomeAssistant: beside.ours,
          bareClientBehindHomeAssistant: beside.bareClient,
          homeAssistantFired: beside.fired,
          homeAssistant: beside.homeAssistant,
        }
      : {}),
    delayMs: alone.spread,
    besideStormMs: stormy.spread,
    besideLoopMs: looping.spread,
    loopStoppedAfterMs: looping.stoppedAfterMs,
    ingest,
    memory,
    load: Number(load.toFixed(2)),
    machine: machine(),
  };
}

interface Flood {
  readonly rate: number;
  readonly dropped: number;
}

async function flood(events: number, apps: number, entities: number): Promise<Flood> {
  const names = Array.from({ length: apps }, (_, i) => `count_${i}`);
  return withStage(
    { files: { "count.js": COUNTING }, yaml: names.map((name) => `${name}: { file: count.js }`), entities },
    async (stage) => {
      const startedMs = await stage.send({ events });
      const total = (): number => names.reduce((sum, name) => sum + (stage.counts.get(name)?.count ?? 0), 0);
      await quiet(total, events * apps);
      const lastMs = Math.max(...names.map((name) => stage.counts.get(name)?.lastMs ?? 0));
      const { status } = await stage.figures();
      return { rate: (total() * 1000) / (lastMs - startedMs), dropped: status.reduce((sum, app) => sum + app.dropped, 0) };
    },
  );
}

/** Events that ingest commits a second, in rounds: beside an app that does nothing, one that storms, one in an endless loop. */
async function besideIngest(events: number): Promise<object> {
  const rounds: { readonly alone: number; readonly besideStorm: number; readonly besideLoop: number }[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    rounds.push({
      alone: await ingestRate(IDLE, events),
      besideStorm: await ingestRate(STORM, events),
      besideLoop: await ingestRate(LOOP, events),
    });
  }
  const of = (name: keyof (typeof rounds)[number]) => spreadOf(rounds.map((round) => round[name]));
  return { alone: of("alone"), besideStorm: of("besideStorm"), besideLoop: of("besideLoop") };
}

async function ingestRate(app: string, events: number): Promise<number> {
  return withStage({ files: { "other.js": app }, yaml: ["other: { file: other.js }"], entities: 500 }, async (stage) => {
    // What hogs is known for it after two seconds; before that it has its share as any other.
    await stage.send({ events: 2_000, perSecond: PER_SECOND });
    await pause(4_500);
    const before = (await stage.figures()).stored;
    const startedMs = await stage.send({ events });
    // But the last batch: it waits for its two seconds.
    const counted = events - 1_000;
    for (;;) {
      const { stored } = await stage.figures();
      if (stored >= before + counted) return Math.round((counted * 1000) / (Date.now() - startedMs));
      await pause(20);
    }
  });
}

/** Delays of a counting app at 500 events/s, from the sender's process to the callback, while others do what they do. */
async function delays(
  others: Readonly<Record<string, string>>,
): Promise<{ readonly spread: object; readonly stoppedAfterMs: number | null }> {
  const files = { "count.js": COUNTING, ...Object.fromEntries(Object.entries(others).map(([name, text]) => [`${name}.js`, text])) };
  const yaml = ["count: { file: count.js, delays: true }", ...Object.keys(others).map((name) => `${name}: { file: ${name}.js }`)];
  const isLoop = "loop" in others;
  return withStage({ files, yaml, entities: 500 }, async (stage) => {
    const startedMs = await stage.send({ events: isLoop ? 2 * PACED_EVENTS : PACED_EVENTS, perSecond: PER_SECOND });
    await quiet(() => stage.counts.get("count")?.count ?? 0, isLoop ? 2 * PACED_EVENTS : PACED_EVENTS);
    const sorted = [...stage.delays].sort((a, b) => a - b);
    const at = (share: number): number => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2));
    const stopped = stage.failures.find((failure) => failure.app === "loop");
    return {
      spread: { median: at(0.5), p99: at(0.99), max: at(1), count: sorted.length },
      stoppedAfterMs: stopped === undefined ? null : Math.round(stopped.atMs - startedMs),
    };
  });
}

async function memoryOf(apps: number): Promise<object> {
  const held = async (count: number): Promise<number> =>
    withStage(
      { files: { "small.ts": SMALL }, yaml: Array.from({ length: count }, (_, i) => `small_${i}: { file: small.ts }`), entities: 500 },
      async (stage) => {
        await stage.send({ events: 500, perSecond: PER_SECOND });
        await pause(3_000);
        return (await stage.figures()).memoryMb;
      },
    );
  const without = await held(0);
  const withApps = await held(apps);
  return {
    apps,
    memoryMb: Math.round(withApps),
    withoutMb: Math.round(without),
    perAppMb: Number(((withApps - without) / apps).toFixed(1)),
  };
}

/** Callbacks/s of one counting app behind a real Home Assistant's burst. */
async function behindHome(
  home: { readonly url: string; readonly token: string },
  burst: () => Promise<{ readonly startedMs: number; readonly events: number }>,
): Promise<number> {
  return withStage(
    { files: { "count.js": COUNTING }, yaml: ['count: { file: count.js, entity: "sensor.burst_*" }'], home },
    async (stage) => {
      const { startedMs, events } = await burst();
      await quiet(() => stage.counts.get("count")?.count ?? 0, events);
      const counted = stage.counts.get("count")!;
      return (counted.count * 1000) / (counted.lastMs - startedMs);
    },
  );
}

async function withStage<T>(
  setting: {
    readonly files: Readonly<Record<string, string>>;
    readonly yaml: readonly string[];
    readonly entities?: number;
    readonly home?: { readonly url: string; readonly token: string };
  },
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-runtime-"));
  for (const [name, text] of Object.entries(setting.files)) writeFileSync(join(folder, name), text);
  if (setting.yaml.length > 0) writeFileSync(join(folder, "apps.yaml"), `${setting.yaml.join("\n")}\n`);
  const stage = await openStage(folder, setting.entities ?? 500, setting.home ?? null, fork);
  try {
    return await work(stage);
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until the count is reached, or has not moved for a while (what was dropped never comes). */
async function quiet(count: () => number, wanted: number): Promise<void> {
  for (let last = -1, sinceMs = performance.now(); count() < wanted; ) {
    if (count() !== last) {
      last = count();
      sinceMs = performance.now();
    }
    if (performance.now() - sinceMs > 5_000) return;
    await pause(20);
  }
  await pause(300);
}
