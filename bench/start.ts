import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AS_STARTED, builtMain } from "./built.ts";
import { ENTITIES, makeLargeFile } from "./large-file.ts";
import { machine, spreadOf } from "./machine.ts";

const LIMIT_MS = 120_000;
/** How long it runs before it is stopped: in the midst of what a start has to do, and when that is done. */
const RUNS_MS = [500, 2_000, 8_000] as const;

interface Life {
  readonly serving: number;
  readonly ready: number;
  readonly stop: number;
}

/**
 * The app on a file of N events and M values whose home has changed meanwhile: seconds from the start of the process until `/readyz` says ready
 * (`ours`), until anything is served, and from SIGTERM to its end (`stopSeconds`), whatever it is at.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-start-"));
  const path = join(folder, "ha_ml_data_layer.db");
  const wanted = { events: Number(options["events"] ?? 45_000_000), values: Number(options["values"] ?? 31_536_000) };
  const made = makeLargeFile(path, wanted, Date.now());
  const home = fork(join(import.meta.dirname, "start-home.ts"), [String(ENTITIES)]);
  try {
    const [{ url }] = (await once(home, "message")) as [{ url: string }];
    const main = await builtMain();
    const lives: Life[] = [];
    for (let i = 0; i < Number(options["runs"] ?? 6); i += 1) lives.push(await live(main, folder, url, RUNS_MS[i % RUNS_MS.length]!));
    const spread = (key: keyof Life): { median: number; min: number; max: number } => {
      const { median, min, max } = spreadOf(lives.map((life) => life[key]));
      return { median: round(median), min: round(min), max: round(max) };
    };
    return {
      name: "start",
      ours: spread("ready").median,
      unit: "s",
      runs: spread("ready"),
      servingSeconds: spread("serving"),
      stopSeconds: spread("stop"),
      events: made.events,
      values: made.values,
      fileBytes: existsSync(path) ? statSync(path).size : 0,
      machine: machine(),
    };
  } finally {
    home.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function live(main: string, folder: string, url: string, runMs: number): Promise<Life> {
  const port = await freePort();
  const fromMs = performance.now();
  const app: ChildProcess = spawn(process.execPath, [...AS_STARTED, main], {
    stdio: "ignore",
    env: { ...process.env, DATA_FOLDER: folder, PORT: String(port), HA_URL: url, HA_TOKEN: "token" },
  });
  const ended = once(app, "exit") as Promise<[code: number | null]>;
  try {
    let serving: number | null = null;
    for (;;) {
      const status = await statusOf(`http://127.0.0.1:${port}/readyz`);
      if (status !== null) serving ??= (performance.now() - fromMs) / 1000;
      if (status === 200) break;
      if (performance.now() - fromMs > LIMIT_MS || app.exitCode !== null) throw new Error("the app did not become ready");
      await pause(20);
    }
    const ready = (performance.now() - fromMs) / 1000;
    await pause(runMs);
    const stopFromMs = performance.now();
    app.kill("SIGTERM");
    const [code] = await ended;
    if (code !== 0) throw new Error(`the app ended with code ${code}`);
    return { serving: serving!, ready, stop: (performance.now() - stopFromMs) / 1000 };
  } finally {
    app.kill("SIGKILL");
  }
}

async function statusOf(url: string): Promise<number | null> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
