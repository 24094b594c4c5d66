import { Worker } from "node:worker_threads";
import type { Clock, ClockParameters } from "../../core/clock.ts";
import { withinRun } from "../run-context.ts";
import { lowerPriority, NICE } from "../threads/priority.ts";
import { serveRpc } from "../threads/rpc.ts";
import type { AppEntry } from "./apps-file.ts";
import { type Fault, faultOf } from "./fault.ts";
import { createOutbox, type OutboxCounts } from "./outbox.ts";
import type { AppPorts } from "./ports.ts";
import { createSession, type LogLevel } from "./session.ts";
import type { Sources } from "./stripper.ts";
import { type AppThreadData, TAKEN, type Told } from "./thread-data.ts";

/** Why an app's thread ended unasked. */
export interface Ending {
  readonly why: "it could not be started" | "it crashed" | "it did not answer" | "its memory was full";
  readonly fault: Fault;
}

export interface AppWorkerParts {
  readonly entry: AppEntry;
  readonly sources: Sources;
  readonly ports: AppPorts;
  readonly clock: Clock;
  readonly clockParameters: ClockParameters;
  readonly log: (level: LogLevel, text: string) => void;
  readonly onReady: () => void;
  readonly onCallbackFailed: (fault: Fault) => void;
  readonly onDropped: (total: number) => void;
  /** Called once, unless it was stopped. `closed` resolves when the receipts of the runs that this cut off say so. */
  readonly onEnd: (ending: Ending, closed: Promise<void>) => void;
}

export interface AppWorker {
  /** Its files: its own and those that it imports from beside it. */
  files(): readonly string[];
  counts(): OutboxCounts;
  /** Lets it terminate, for two seconds at most; nothing of it is heard or called afterwards. */
  stop(): Promise<void>;
}

const WATCH_MS = 1000;
/** An app whose thread does not come to rest for so long, and works for at least half of it, is stopped. */
const STUCK_MS = 8000;
const STUCK_WORK_US = 4_000_000;
/** One that works for so much of a second without coming to rest goes on behind all others, so that ingest and other apps keep their time. */
const HOGGING_US = 500_000;
/** One that does not work either, or is kept from it by a busy machine, has longer. */
const SILENT_MS = 60_000;
const TERMINATE_MS = 2000;
const YOUNG_MEMORY_MB = 4;
const STACK_MB = 2;

/** One app in a thread of its own, from its start to its end. */
export function startAppWorker(parts: AppWorkerParts): AppWorker {
  const { entry, clock } = parts;
  const beat = new SharedArrayBuffer(8);
  let files: readonly string[] = [entry.file];
  let isOver = false;
  const ended = Promise.withResolvers<void>();
  const data: AppThreadData = { ...entry, sources: parts.sources, clock: parts.clockParameters, beat };
  const worker = new Worker(new URL("../threads/app-thread.ts", import.meta.url), {
    workerData: data,
    name: `app ${entry.name}`,
    resourceLimits: { maxOldGenerationSizeMb: entry.memoryMb, maxYoungGenerationSizeMb: YOUNG_MEMORY_MB, stackSizeMb: STACK_MB },
  });
  const outbox = createOutbox((calls) => worker.postMessage({ calls }), parts.onDropped);
  const session = createSession({ name: entry.name, ports: parts.ports, deliver: outbox.add, log: parts.log });
  const stopWatching = watch(worker, new Int32Array(beat), clock, (stillMs) =>
    end({
      why: "it did not answer",
      fault: {
        message: `its thread did not come to rest for ${stillMs / 1000} s: an endless loop, or work that belongs elsewhere`,
        place: null,
        source: null,
      },
    }),
  );

  /** What the thread itself tells; all else is the app's request. */
  const told: Readonly<Record<string, (input: never) => unknown>> = {
    ready(input: { readonly files: readonly string[] }) {
      files = input.files;
      parts.onReady();
    },
    callbackFailed(fault: Fault) {
      parts.onCallbackFailed(fault);
    },
    failed(fault: Fault & { readonly files: readonly string[] }) {
      files = [...new Set([entry.file, ...fault.files])];
      end({ why: "it could not be started", fault });
    },
    ended: () => ended.resolve(),
  };
  worker.on("message", (message) => {
    if (message === TAKEN) outbox.taken();
  });
  serveRpc(worker, (name, asked) => {
    const { input, runId } = asked as Told;
    const telling = told[name];
    const answer = (): unknown => (telling === undefined ? session.handle(name, input) : (telling(input as never) ?? null));
    return runId === undefined ? answer() : withinRun(runId, answer);
  });
  worker.on("error", (error) => {
    const isMemory = "code" in (error as object) && (error as { code?: unknown }).code === "ERR_WORKER_OUT_OF_MEMORY";
    const fault = faultOf(error, files);
    if (!isMemory) end({ why: "it crashed", fault });
    else end({ why: "its memory was full", fault: { ...fault, message: `it needed more than ${entry.memoryMb} MB (memory_mb)` } });
  });
  worker.on("exit", (code) => {
    ended.resolve();
    end({ why: "it crashed", fault: { message: `its thread ended by itself with code ${code}`, place: null, source: null } });
  });

  function silence(): Promise<void> {
    isOver = true;
    stopWatching();
    outbox.close();
    return session.close();
  }

  function end(ending: Ending): void {
    if (isOver) return;
    const closed = silence();
    void worker.terminate();
    parts.onEnd(ending, closed);
  }

  return {
    files: () => files,
    counts: outbox.counts,
    async stop() {
      if (isOver) return;
      isOver = true;
      stopWatching();
      outbox.close(); // from here on it is called no more
      worker.postMessage({ terminate: true });
      const limit = setTimeout(ended.resolve, TERMINATE_MS);
      await ended.promise;
      clearTimeout(limit);
      await Promise.all([silence(), worker.terminate()]);
    },
  };
}

/**
 * Lowers the priority of a thread that hogs a core, for as long as it lives. Calls back when the thread has not moved its beat for too long. Counted in looks, so that a sleeping machine is no stuck app, and by the work
 * that the thread did, so that a busy one is none either.
 */
function watch(worker: Worker, beat: Int32Array, clock: Clock, onStuck: (stillMs: number) => void): () => void {
  let last = 0;
  let still = 0;
  let isBehind = false;
  /** What the thread had worked when its beat was seen to stand still. */
  let workedUs: Promise<number> = Promise.resolve(0);
  const stop = clock.timer(WATCH_MS, () => {
    const now = Atomics.load(beat, 0);
    still = now === last ? still + 1 : 0;
    last = now;
    if (still === 1) workedUs = workOf(worker);
    if (still === 2 && !isBehind) void yieldIfHogging(workedUs);
    if (still >= SILENT_MS / WATCH_MS) onStuck(still * WATCH_MS);
    else if (still >= STUCK_MS / WATCH_MS) void judge(still, workedUs);
  });

  async function yieldIfHogging(before: Promise<number>): Promise<void> {
    const [fromUs, toUs] = [await before, await workOf(worker)];
    if (toUs - fromUs >= HOGGING_US) isBehind = lowerPriority(Atomics.load(beat, 1), NICE.last);
  }

  async function judge(looks: number, before: Promise<number>): Promise<void> {
    const [fromUs, toUs] = [await before, await workOf(worker)];
    if (still >= looks && toUs - fromUs >= STUCK_WORK_US) onStuck(looks * WATCH_MS);
  }
  return stop;
}

async function workOf(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return user + system;
  } catch {
    return 0; // it has ended meanwhile, which is told elsewhere
  }
}
