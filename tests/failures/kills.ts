import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { askRunningApp } from "../../src/runtime/control.ts";
import { openForWriting } from "../../src/store/db.ts";
import { type App, eventually, rowsOf, startApp } from "../e2e/program.ts";
import { easyGates, recordNights } from "./nights.ts";
import { type Source, startSource } from "./source.ts";
import { compareWith, storedEvents, untilAllIsStored } from "./stored.ts";

/** Kills of the app's process at random moments, again and again on the same file, each followed by a comparison with the source's list. */

export const MOMENTS = ["start", "back-fill", "live", "training", "maintenance"] as const;
export type Moment = (typeof MOMENTS)[number];

export interface Kill {
  readonly moment: Moment;
  /** From the moment's beginning to the kill. */
  readonly afterMs: number;
  /** Whether what names the moment was seen before the kill. */
  readonly wasIn: boolean;
  readonly committed: number;
  readonly sent: number;
}

export interface Fault {
  readonly kill: number;
  readonly words: string;
}

export interface KillRun {
  readonly kills: readonly Kill[];
  readonly sent: number;
  readonly inFile: number;
  readonly faults: readonly Fault[];
}

const FILE = "ha_ml_data_layer.db";
const LONGEST_WAIT_MS = 60_000;
/** How long after its beginning a moment may be hit. */
const SPREAD_MS: Readonly<Record<Moment, number>> = { start: 900, "back-fill": 250, live: 400, training: 900, maintenance: 120 };
const DAY_MS = 86_400_000;

/** A small pseudo-random generator (mulberry32): the same seed, the same moments. */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface KillOptions {
  readonly moments: readonly Moment[];
  readonly seed: number;
  readonly nights?: number;
  readonly onKill?: (kill: Kill, number: number) => void;
}

/** Kills the app once per moment, in this order, on one file. The source lives on and its recorder hears everything. */
export async function killAgainAndAgain({ moments, seed, nights = 0, onKill }: KillOptions): Promise<KillRun> {
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-kill-"));
  const database = join(folder, FILE);
  const source = await startSource();
  const environment = { DATA_FOLDER: folder, HA_URL: source.url, HA_TOKEN: source.token, ...easyGates(folder) };
  const kills: Kill[] = [];
  const faults: Fault[] = [];
  let app: App | null = null;
  try {
    for (let n = 0; n < 3_000; n += 1) source.record(`sensor.past_${n % 60}`, `past ${n}`, source.nowMs() - DAY_MS + n * 28_000);
    if (nights > 0) recordNights(source, nights);
    for (const [i, moment] of moments.entries()) {
      const words: string[] = [];
      if (moment === "back-fill") forget(folder);
      if (moment === "maintenance") makeDue(database, "maintenance", source.nowMs() - 2 * DAY_MS);
      // Answers that take a while make a moment of the back-fill.
      source.delayAnswers(moment === "back-fill" ? 20 : 0);
      app = startApp(environment);
      const wasIn = await reach(moment, app, source, database);
      const afterMs = Math.round(random() * SPREAD_MS[moment]);
      const saying = keepSaying(source, afterMs, random);
      await pause(afterMs);
      const ended = await app.stop("SIGKILL");
      await saying;
      if (ended.signal !== "SIGKILL") words.push(`it ended by itself: ${ended.code} ${ended.stderr}`);
      const committed = storedEvents(database);
      source.burst(Math.floor(random() * 200));
      source.delayAnswers(0);
      words.push(...(await comesBack(environment, source, database, committed)));
      const kill = { moment, afterMs, wasIn, committed: committed.length, sent: source.said().length };
      kills.push(kill);
      onKill?.(kill, i + 1);
      for (const each of words) faults.push({ kill: i + 1, words: `${moment} + ${afterMs} ms: ${each}` });
    }
    const { sent, inFile } = compareWith(source, database);
    return { kills, sent, inFile, faults };
  } finally {
    await app?.stop("SIGKILL");
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for the moment; false when it was over before it was seen, which a kill may be as well. */
async function reach(moment: Moment, app: App, source: Source, database: string): Promise<boolean> {
  if (moment === "start") return true;
  let isOver = false;
  void app.ended.then(() => {
    isOver = true;
  });
  const says = (text: string) => (): true | null => {
    if (isOver) throw new Error(`the app ended by itself: ${app.stderr()}`);
    return app.stderr().includes(text) ? true : null;
  };
  await eventually(says("connected to Home Assistant"), "connected", LONGEST_WAIT_MS);
  if (moment === "back-fill") return rowsOf(database, "SELECT 1 FROM metadata WHERE key = 'backfill_done_at'").length === 0;
  if (moment === "live") return await eventually(() => (source.isHeard() ? true : null), "subscribed", 5_000).catch(() => false);
  await eventually(says("schedules started"), "schedules started", LONGEST_WAIT_MS);
  if (moment === "training") void askRunningApp(database, "train", {}).catch(() => undefined); // the app dies before it answers
  const sql = moment === "training" ? "SELECT 1 FROM clr_training_runs WHERE status = 'running'" : MAINTAINED;
  return await eventually(() => (rowsOf(database, sql).length > 0 ? true : null), moment, 3_000).catch(() => false);
}

const MAINTAINED = "SELECT 1 FROM schedule_runs WHERE job = 'maintenance' AND started_at_ms IS NOT NULL";

async function keepSaying(source: Source, forMs: number, random: () => number): Promise<void> {
  for (const untilMs = performance.now() + forMs; performance.now() < untilMs; await pause(10)) source.burst(1 + Math.floor(random() * 60));
}

/** A new start finds the file intact, keeps every row that was committed and fetches the rest. Returns what went wrong. */
async function comesBack(environment: Record<string, string>, source: Source, database: string, committed: string[]): Promise<string[]> {
  const app = startApp(environment);
  try {
    const { lost, doubled } = await untilAllIsStored(source, database, LONGEST_WAIT_MS);
    const stored = new Set(storedEvents(database));
    const gone = committed.filter((row) => !stored.has(row)).slice(0, 5);
    const check = rowsOf<{ quick_check: string }>(database, "PRAGMA quick_check(3)").map((row) => row.quick_check);
    return [
      ...lost.map((row) => `lost: ${row}`),
      ...doubled.map((row) => `doubled: ${row}`),
      ...gone.map((row) => `committed and gone: ${row}`),
      ...check.filter((line) => line !== "ok").map((line) => `file: ${line}`),
      ...(lost.length > 0 ? [app.stderr().slice(-2_000)] : []),
    ];
  } finally {
    await app.stop("SIGKILL");
  }
}

/** A first start again: the whole past and everything said since is the recorder's to tell. */
function forget(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(FILE)) rmSync(join(folder, name));
}

/** The app was away when this job was due, so it runs at its start. */
function makeDue(database: string, job: string, dueAtMs: number): void {
  if (rowsOf(database, "SELECT 1 FROM schedule_runs").length === 0 && rowsOf(database, "SELECT 1 FROM metadata").length === 0) return;
  const db = openForWriting(database);
  db.run("DELETE FROM schedule_runs WHERE job = ?", job);
  db.run("INSERT INTO schedule_runs (job, due_at_ms, status) VALUES (?, ?, 'completed')", job, dueAtMs);
  db.close();
}
