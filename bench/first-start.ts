import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openForReading } from "../src/store/db.ts";
import { AS_STARTED, builtMain } from "./built.ts";
import { machine, spreadOf } from "./machine.ts";

const RUNS = 3;
const LIMIT_MS = 240_000;

/** What a newcomer waits for, in the order in which it comes. */
const SIGNS = {
  firstEvent: "SELECT 1 FROM raw_events LIMIT 1",
  probability: "SELECT 1 FROM vw_clr_latest_prediction WHERE probability IS NOT NULL",
  changes: "SELECT 1 FROM vw_bocpd_changes LIMIT 1",
} as const;

/**
 * `npm start` without settings and without a file: seconds until the simulated home's past has come over its websocket (56 days), its features are
 * computed, a model is trained and gives a probability (`probabilitySeconds`), and change points are found (`ours`). `stopSeconds`: from SIGTERM to the
 * end of the process.
 */
export async function run(): Promise<object> {
  const runs = [];
  const main = await builtMain();
  for (let i = 0; i < RUNS; i += 1) runs.push(await start(main));
  const changes = spreadOf(runs.map(({ changes }) => changes));
  const median = (values: readonly number[]): number => round(spreadOf(values).median);
  return {
    name: "first-start",
    ours: round(changes.median),
    unit: "s",
    runs: { median: round(changes.median), min: round(changes.min), max: round(changes.max) },
    firstEventSeconds: median(runs.map(({ firstEvent }) => firstEvent)),
    probabilitySeconds: median(runs.map(({ probability }) => probability)),
    stopSeconds: median(runs.map(({ stop }) => stop)),
    machine: machine(),
  };
}

async function start(main: string): Promise<Record<keyof typeof SIGNS | "stop", number>> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-start-"));
  const fromMs = performance.now();
  const app = spawn(process.execPath, [...AS_STARTED, main], {
    stdio: "ignore",
    env: { ...process.env, DATA_FOLDER: folder, PORT: "0", HA_URL: "", HA_TOKEN: "" },
  });
  const ended = new Promise<void>((resolve) => app.once("exit", () => resolve()));
  try {
    const seconds: Partial<Record<keyof typeof SIGNS, number>> = {};
    for (const sign of Object.keys(SIGNS) as (keyof typeof SIGNS)[]) {
      while (!isThere(join(folder, "ha_ml_data_layer.db"), SIGNS[sign])) {
        if (performance.now() - fromMs > LIMIT_MS) throw new Error(`no ${sign} within ${LIMIT_MS / 1000} s`);
        await pause(50);
      }
      seconds[sign] = (performance.now() - fromMs) / 1000;
    }
    const stopFromMs = performance.now();
    app.kill("SIGTERM");
    await ended;
    return { firstEvent: 0, probability: 0, changes: 0, ...seconds, stop: (performance.now() - stopFromMs) / 1000 };
  } finally {
    app.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function isThere(path: string, sql: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const db = openForReading(path);
    try {
      return db.get(sql) !== undefined;
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof Error && /no such (table|view)|unable to open|locked/.test(error.message)) return false;
    throw error;
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
