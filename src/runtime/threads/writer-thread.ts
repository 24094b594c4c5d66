import { setTimeout as pause } from "node:timers/promises";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { reasonOf } from "../../core/reason.ts";
import { closeWhole } from "../../store/close-whole.ts";
import { type Db, isBusy, isCorrupt, openForWriting } from "../../store/db.ts";
import { readFileFigures } from "../../store/file-figures.ts";
import { execute } from "../../store/inline-writer.ts";
import { createLogKeeper, type LogKeeper } from "../../store/log-keeper.ts";
import { migrate } from "../../store/migrate.ts";
import { type OpenFiles, rememberOpenFiles } from "../../store/open-files.ts";
import { settleCutOffRestore } from "../../store/settle-restore.ts";
import { wordsOfWrite } from "../../store/write-trouble.ts";
import type { WriteInput, WriteName } from "../../store/writer.ts";
import { type PackedEvents, unpackEvents } from "./packed-events.ts";
import { serveRpc } from "./rpc.ts";

/**
 * The thread that owns the only writing connection. Events go first; between two changes everybody else gets a turn. Once a second it looks
 * whether its file is still where it was and, while nothing waits, moves the log's pages into it.
 */

interface Task {
  readonly name: WriteName;
  readonly input: WriteInput<WriteName>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches of events that may go before one other change. */
const MOST_EVENTS_IN_A_ROW = 20;
const LOOK_PERIOD_MS = 1000;
/** Between two tries to open a file whose lock somebody else holds; SQLite itself waits within each. */
const REOPEN_MS = 500;
/** Set by "open", so that a file that cannot be opened is an answer and no death of the thread. */
let db: Db | null = null;
let keeper: LogKeeper | null = null;
let files: OpenFiles | null = null;
let looking: NodeJS.Timeout | undefined;
let isClosing = false;
let hasReportedDamage = false;
const events: Task[] = [];
const others: Task[] = [];
let isScheduled = false;
let eventsInARow = 0;

function enqueue(name: string, message: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const input = (name === "insertEvents" ? unpackEvents(message as PackedEvents) : message) as WriteInput<WriteName>;
    const task = { name: name as WriteName, input, resolve, reject };
    (name === "insertEvents" ? events : others).push(task);
    schedule();
  });
}

/** What other threads find amiss, or in order again, the main thread says in the log. */
async function enqueueAndTell(name: string, message: unknown): Promise<unknown> {
  const result = await enqueue(name, message);
  if (name === "markDegraded") parentPort!.postMessage({ marked: message });
  if (name === "clearDegraded" && (result as number) > 0) parentPort!.postMessage({ cleared: (message as { code: string }).code });
  return result;
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    const task = next();
    if (task === undefined) return;
    try {
      task.resolve(execute(opened(), task.name, task.input));
    } catch (error) {
      // A foreign writer holds the lock: waiting is all it costs, so the task goes back to the head of its queue.
      if (isBusy(error)) (task.name === "insertEvents" ? events : others).unshift(task);
      else {
        if (isCorrupt(error)) reportDamage(reasonOf(error));
        task.reject(error);
      }
    }
    if (events.length + others.length > 0) schedule();
  });
}

/** Events first, yet a flood that lasts must not keep the heartbeat and the markers from being written. */
function next(): Task | undefined {
  const isTurnOfOthers = eventsInARow >= MOST_EVENTS_IN_A_ROW && others.length > 0;
  const task = isTurnOfOthers ? others.shift() : (events.shift() ?? others.shift());
  eventsInARow = task?.name === "insertEvents" ? eventsInARow + 1 : 0;
  return task;
}

function opened(): Db {
  if (db === null) throw new Error("The database is not open yet.");
  return db;
}

/** Once: every change after it would say the same. */
function reportDamage(damage: string): void {
  if (hasReportedDamage) return;
  hasReportedDamage = true;
  parentPort!.postMessage({ damage });
}

function look(): void {
  const moved = files?.moved() ?? null;
  if (moved !== null) reportDamage(moved);
  if (events.length + others.length === 0) keeper?.look();
}

function open(nowMs: number): ReturnType<typeof migrate> {
  const opening = openForWriting((workerData as { path: string }).path);
  try {
    // The keeper moves the log's pages between the changes; this is for a log that outgrows it.
    opening.pragma("wal_autocheckpoint = 16000");
    const migrated = migrate(opening, nowMs);
    settleCutOffRestore(opening);
    keeper = createLogKeeper(opening);
    files = rememberOpenFiles(opening.path);
    looking = setInterval(look, LOOK_PERIOD_MS);
    db = opening;
    return migrated;
  } catch (error) {
    opening.close();
    throw error;
  }
}

async function handle(name: string, input: unknown): Promise<unknown> {
  if (name === "connect") {
    serveRpc(input as MessagePort, enqueueAndTell);
    return null;
  }
  if (name === "open") {
    for (;;) {
      try {
        return open((input as { nowMs: number }).nowMs);
      } catch (error) {
        // A foreign writer holds the lock: as for the tasks, waiting is all it costs.
        if (!isBusy(error) || isClosing) throw error;
        parentPort!.postMessage({ locked: true });
        await pause(REOPEN_MS);
        if (isClosing) throw error;
      }
    }
  }
  if (name === "figures") return readFileFigures(opened(), keeper!);
  if (name === "close") {
    isClosing = true;
    clearInterval(looking);
    try {
      if (db === null) return { writtenAs: null, lost: null, unwritten: null };
      let unwritten: string | null = null;
      for (const last of ["saveEntityStates", "checkpoint"])
        await enqueue(last, null).catch((error: unknown) => {
          // A full disk must not keep the file from being closed.
          unwritten ??= wordsOfWrite(error);
        });
      return { ...closeWhole(db, files!, (input as { nowMs: number }).nowMs), unwritten };
    } finally {
      db?.close();
      setImmediate(() => parentPort!.close());
    }
  }
  return enqueue(name, input);
}

serveRpc(parentPort!, handle);
