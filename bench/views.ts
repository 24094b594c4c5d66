import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTRACT_NAMES } from "../src/core/contracts/contract.ts";
import { type Db, openForReading } from "../src/store/db.ts";
import { builtMain } from "./built.ts";
import { makeLargeFile } from "./large-file.ts";
import { machine, type Spread, spreadOf } from "./machine.ts";

const RUNS = 25;
const STARTS = 3;
const START_LIMIT_MS = 60_000;
/** Rows of a view that has one per event, pair or window: what a reader takes at a time. */
const ROWS_OF_A_STREAM = 1000;
const STREAMS = new Set([
  "vw_clr_training_dataset",
  "vw_bocpd_feature_stream",
  "vw_raw_events",
  "vw_labels",
  "vw_gaps",
  "vw_schedule_runs",
]);

/**
 * Time to read each contract view from a file of N events and M feature values: latest-views whole, streams by their first thousand rows.
 * `ours` is the slowest of the latest-views; `startSeconds` from the start of the app's process to its open database.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-views-"));
  try {
    const path = join(folder, "ha_ml_data_layer.db");
    const startedMs = performance.now();
    const made = makeLargeFile(
      path,
      { events: Number(options["events"] ?? 10_000_000), values: Number(options["values"] ?? 31_536_000) },
      Date.now(),
    );
    process.stderr.write(`the file was made in ${Math.round((performance.now() - startedMs) / 1000)} s\n`);
    const db = openForReading(path);
    const views = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, timeOf(db, name)]));
    db.close();
    const latest = CONTRACT_NAMES.filter((name) => name.includes("latest") || name === "vw_health");
    const slowest = latest.reduce((a, b) => (views[b]!.median > views[a]!.median ? b : a));
    const starts: number[] = [];
    for (let i = 0; i < STARTS; i += 1) starts.push(await startSeconds(folder));
    return {
      name: "views",
      ours: views[slowest]!.median,
      slowest,
      unit: "ms",
      runs: views[slowest],
      views: Object.fromEntries(Object.entries(views).map(([name, spread]) => [name, spread.median])),
      startSeconds: spreadOf(starts).median,
      startRuns: spreadOf(starts),
      events: made.events,
      values: made.values,
      fileBytes: statSync(path).size,
      machine: machine(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The statement is prepared once and asked again, as by a consumer that keeps its connection. */
function timeOf(db: Db, name: string): Spread {
  const sql = STREAMS.has(name) ? `SELECT * FROM ${name} LIMIT ${ROWS_OF_A_STREAM}` : `SELECT * FROM ${name}`;
  return spreadOf(
    Array.from({ length: RUNS }, () => {
      const started = performance.now();
      db.all(sql);
      return performance.now() - started;
    }),
  );
}

/** From the process's start until its database is open and commands are answered; no Home Assistant answers. */
async function startSeconds(folder: string): Promise<number> {
  const app = spawn(process.execPath, [await builtMain()], {
    env: { PATH: process.env["PATH"] ?? "", DATA_FOLDER: folder, HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none", PORT: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => app.once("exit", () => resolve()));
  const started = performance.now();
  try {
    return await new Promise<number>((resolve, reject) => {
      let words = "";
      const limit = setTimeout(() => reject(new Error(`the app did not start: ${words}`)), START_LIMIT_MS);
      app.stderr.setEncoding("utf8").on("data", (text: string) => {
        words += text;
        if (!words.includes("the page is served")) return;
        clearTimeout(limit);
        resolve((performance.now() - started) / 1000);
      });
      app.once("exit", (code) => reject(new Error(`the app ended with code ${code}: ${words}`)));
    });
  } finally {
    app.kill("SIGTERM");
    await ended;
  }
}
