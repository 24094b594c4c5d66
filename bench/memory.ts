import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openForReading } from "../src/store/db.ts";
import { AS_STARTED, builtOf } from "./built.ts";
import { machine, spreadOf } from "./machine.ts";

const SPEED = 60;
const HOUR_MS = 3_600_000;
const SAMPLE_MS = 500;
const LIMIT_MS = 300_000;

interface Sample {
  readonly rssMb: number;
  readonly anonMb: number | null;
}

/**
 * Memory (RSS, MB) of the app alone in the last ten minutes of an hour of a home of N entities and half a million changes a day, whose recorder
 * held a day before. The hour passes in a minute. `peakMb` is from the start on, back-fill and first features included; `anonMb` is what of `ours`
 * no file holds: the rest is Node's own program, pages that the system may drop and shares among processes.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const entities = Number(options["entities"] ?? 1500);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-memory-"));
  const sinceMs = Date.now();
  const home = fork(join(import.meta.dirname, "memory-home.ts"), [String(entities), String(SPEED), String(sinceMs)]);
  const { url } = (await message(home)) as { url: string };
  const app = fork(await builtOf("memory-app"), [url, folder, String(SPEED), String(sinceMs)], { execArgv: [...AS_STARTED] });
  const samples: Sample[] = [];
  try {
    const backFilledMs = await sampleUntil(app, samples, () => hasItsPast(join(folder, "ha_ml_data_layer.db")));
    const endsAt = performance.now() + HOUR_MS / SPEED;
    await sampleUntil(app, samples, () => performance.now() > endsAt);
    const late = samples.slice(-Math.round(HOUR_MS / 6 / SPEED / SAMPLE_MS));
    const last = spreadOf(late.map(({ rssMb }) => rssMb));
    const anon = late.flatMap(({ anonMb }) => anonMb ?? []);
    return {
      name: "memory",
      ours: Math.round(last.median),
      unit: "MB",
      runs: last,
      anonMb: anon.length === 0 ? null : Math.round(spreadOf(anon).median),
      peakMb: Math.round(Math.max(...samples.map(({ rssMb }) => rssMb))),
      entities,
      secondsToPast: Math.round(backFilledMs / 100) / 10,
      machine: machine(),
    };
  } finally {
    app.kill();
    home.kill();
    await pause(500);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sampleUntil(app: ChildProcess, samples: Sample[], isOver: () => boolean): Promise<number> {
  const startedAt = performance.now();
  while (!isOver()) {
    if (performance.now() - startedAt > LIMIT_MS) throw new Error("the app did not get on in five minutes");
    await pause(SAMPLE_MS);
    const answered = message(app);
    app.send({ ask: true });
    samples.push((await answered) as Sample);
  }
  return performance.now() - startedAt;
}

function hasItsPast(path: string): boolean {
  try {
    const db = openForReading(path);
    try {
      return db.get("SELECT 1 FROM metadata WHERE key = 'backfill_done_at'") !== undefined;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    child.once("exit", ended);
    child.once("message", (answer) => {
      child.off("exit", ended);
      resolve(answer);
    });
  });
}
