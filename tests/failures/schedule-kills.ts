import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { rowsOf } from "../e2e/program.ts";
import { randomFrom } from "./kills.ts";

/** Kills of a real process across the due times of a job that makes up for each, counted from its receipts. */

export interface ScheduleKillRun {
  readonly kills: number;
  /** Kills that hit a run on its way. */
  readonly interrupted: number;
  readonly due: number;
  /** Due times without a completed receipt. */
  readonly missed: readonly number[];
  /** Runs that were begun, or their receipts changed, after they were completed. */
  readonly doubled: readonly number[];
  readonly failures: readonly string[];
}

const PERIOD_MS = 1000;
/** From a start to its kill: some hit it before its first run. */
const LONGEST_LIFE_MS = 2500;
const CATCH_UP_MS = 180_000;

export async function killAcrossDueTimes(options: {
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (kill: number, due: number) => void;
}): Promise<ScheduleKillRun> {
  const random = randomFrom(options.seed);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-schedule-"));
  const path = join(folder, "receipts.db");
  const diary = join(folder, "diary.txt");
  let child: ChildProcess | null = null;
  try {
    prepare(path);
    for (let kill = 1; kill <= options.kills; kill += 1) {
      child = await startChild(path, diary);
      // Of every length, so that few kills are no short time by chance.
      await pause(((kill - 1 + random()) / options.kills) * LONGEST_LIFE_MS);
      await end(child);
      options.onKill?.(kill, receiptsOf(path).length);
    }
    child = await startChild(path, diary);
    await caughtUp(path);
    await end(child);
    child = null;
    return judge(path, existsSync(diary) ? readFileSync(diary, "utf8").split("\n") : [], options.kills);
  } finally {
    if (child !== null) await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that notes by itself when a completed receipt is changed, whoever does it. */
function prepare(path: string): void {
  const db = openForWriting(path);
  migrate(db, Date.now());
  db.exec(`CREATE TABLE changed_receipts (due_at_ms INTEGER);
    CREATE TRIGGER note_changed_receipts AFTER UPDATE ON schedule_runs WHEN OLD.status = 'completed'
    BEGIN INSERT INTO changed_receipts VALUES (OLD.due_at_ms); END`);
  db.close();
}

async function startChild(path: string, diary: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./schedule-child.ts", import.meta.url)), path, diary], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([
    once(child.stdout!, "data"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the scheduler's process ended with code ${code}`))),
  ]);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

interface ReceiptRow {
  readonly due_at_ms: number;
  readonly status: string;
  readonly attempts: number;
}

function receiptsOf(path: string): ReceiptRow[] {
  return rowsOf(path, "SELECT due_at_ms, status, attempts FROM schedule_runs ORDER BY due_at_ms") as unknown as ReceiptRow[];
}

/** What was due before now has its receipt. */
async function caughtUp(path: string): Promise<void> {
  const untilMs = Date.now();
  for (const deadlineMs = untilMs + CATCH_UP_MS; Date.now() < deadlineMs; await pause(200)) {
    const done = receiptsOf(path).filter((each) => each.status === "completed");
    if ((done.at(-1)?.due_at_ms ?? 0) >= untilMs) return;
  }
  throw new Error("what was missed was not made up for in time");
}

function judge(path: string, lines: readonly string[], kills: number): ScheduleKillRun {
  const receipts = receiptsOf(path);
  const completed = new Set(receipts.filter((each) => each.status === "completed").map((each) => each.due_at_ms));
  const first = receipts[0]!.due_at_ms;
  const last = Math.max(...completed);
  const missed: number[] = [];
  for (let dueAtMs = first; dueAtMs <= last; dueAtMs += PERIOD_MS) if (!completed.has(dueAtMs)) missed.push(dueAtMs);
  const doubled = (rowsOf(path, "SELECT due_at_ms FROM changed_receipts") as unknown as { due_at_ms: number }[]).map(
    (row) => row.due_at_ms,
  );
  const settled = new Set<string>();
  for (const line of lines) {
    const [word, dueAtMs = ""] = line.split(" ");
    if (word === "receipt") settled.add(dueAtMs);
    else if (word === "begun" && settled.has(dueAtMs)) doubled.push(Number(dueAtMs));
  }
  return {
    kills,
    interrupted: receipts.reduce((sum, each) => sum + Math.max(0, each.attempts - 1), 0),
    due: (last - first) / PERIOD_MS + 1,
    missed,
    doubled,
    failures: lines.filter((line) => line.startsWith("failure")),
  };
}
