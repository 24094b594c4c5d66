import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { openForWriting } from "../src/store/db.ts";
import { AS_STARTED, builtMain } from "./built.ts";
import { machine } from "./machine.ts";

const POLL_MS = 100;
const LIMIT_MS = 120_000;
const LOCK_MS = 5_000;

type Phase = "backFill" | "training" | "lock";
/** The first words of the app's log that end each phase. */
const ENDS: Readonly<Partial<Record<Phase, string>>> = {
  backFill: "the past is fetched",
  training: "the first features, models and change points are there",
};

interface Lag {
  /** Longest hold-up of the app's main thread, ms. */
  ours: number;
  /** Longest stretch of its own work between two turns of the loop, ms of processor time: what other programs take does not count. */
  work: number;
  /** The hold-up of a process that does nothing, at the same time: what the machine itself does to anybody. */
  idle: number;
}

/**
 * How long the main thread of the whole app is ever held up while it fetches the simulated home's past, while it trains for the first time, and
 * while a foreign writer holds the lock and the page is asked for ten times a second. `ours` = the largest of the three, ms.
 */
export async function run(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-lag-"));
  const load = loadavg()[0]!;
  const probe = new URL("./loop-lag-probe.ts", import.meta.url).href;
  const app = fork(await builtMain(), [], {
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", DATA_FOLDER: folder, PORT: "0" },
    execArgv: [...AS_STARTED, "--import", probe],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  app.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const idle = monitorEventLoopDelay({ resolution: 1 });
  idle.enable();
  const lags: Partial<Record<Phase, Lag>> = {};
  try {
    await until(() => said.includes("connected to Home Assistant"));
    await ask(app);
    idle.reset();
    for (const phase of ["backFill", "training"] as const) lags[phase] = await watch(app, idle, () => said.includes(ENDS[phase]!));
    const url = /"url":"([^"]+)"/.exec(said)?.[1] ?? "";
    const foreign = openForWriting(join(folder, "ha_ml_data_layer.db"));
    foreign.exec("BEGIN IMMEDIATE");
    const endsAt = performance.now() + LOCK_MS;
    lags.lock = await watch(app, idle, () => {
      void fetch(`${url}api/v1/overview`).catch(() => undefined);
      return performance.now() > endsAt;
    });
    foreign.exec("COMMIT");
    foreign.close();
  } finally {
    const gone = new Promise((resolve) => app.once("exit", resolve));
    app.kill("SIGINT");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
  const ours = Math.max(...Object.values(lags).map((lag) => lag.ours));
  return {
    name: "loop-lag",
    ours: Number(ours.toFixed(1)),
    unit: "ms",
    runs: { median: ours, min: ours, max: ours },
    workMs: Number(Math.max(...Object.values(lags).map((lag) => lag.work)).toFixed(1)),
    phases: lags,
    load,
    machine: machine(),
  };
}

async function watch(app: ChildProcess, idle: ReturnType<typeof monitorEventLoopDelay>, isOver: () => boolean): Promise<Lag> {
  const lag: Lag = { ours: 0, work: 0, idle: 0 };
  for (const endsAt = performance.now() + LIMIT_MS; ; ) {
    await pause(POLL_MS);
    const { lagMs, workMs } = await ask(app);
    lag.ours = Math.max(lag.ours, lagMs);
    lag.work = Math.max(lag.work, workMs);
    lag.idle = Math.max(lag.idle, idle.max / 1e6);
    idle.reset();
    if (isOver()) return lag;
    if (performance.now() > endsAt) throw new Error("the app did not get on in two minutes");
  }
}

function ask(app: ChildProcess): Promise<{ lagMs: number; workMs: number }> {
  return new Promise((resolve, reject) => {
    app.once("message", (message) => resolve(message as { lagMs: number; workMs: number }));
    app.send({ ask: true }, (error) => error && reject(error));
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const endsAt = performance.now() + LIMIT_MS; !isTrue(); await pause(5)) {
    if (performance.now() > endsAt) throw new Error("the app did not come up in two minutes");
  }
}
