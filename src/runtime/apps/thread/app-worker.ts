import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Clock, ClockParameters } from "../../../core/clock.ts";
import { withinRun } from "../../run-context.ts";
import { serveRpc } from "../../threads/rpc.ts";
import type { AppEntry } from "../folder/apps-file.ts";
import type { AppPorts } from "../ports.ts";
import type { WorkPlaces } from "../process/at-work.ts";
import { createSession, type LogLevel } from "../session/session.ts";
import { watchThread } from "./app-watch.ts";
import { type Fault, faultOf } from "./fault.ts";
import { oneATurn } from "./one-a-turn.ts";
import { createOutbox, type OutboxCounts } from "./outbox.ts";
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
  readonly workPlaces?: WorkPlaces;
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

const TERMINATE_MS = 2000;
/** A thread that was ended ends the moment it gets a processor; nobody has to wait for that on a busy machine. */
const GONE_MS = 3000;
const YOUNG_MEMORY_MB = 4;
const STACK_MB = 2;

/** One app in a thread of its own, from its start to its end. */
export function startAppWorker(parts: AppWorkerParts): AppWorker {
  const { entry, clock } = parts;
  const beat = new SharedArrayBuffer(8);
  let files: readonly string[] = [entry.file];
  let isReady = false;
  let isOver = false;
  const ended = Promise.withResolvers<void>();
  const workPlace = parts.workPlaces?.take(entry.name) ?? null;
  const data: AppThreadData = { ...entry, sources: parts.sources, clock: parts.clockParameters, beat, workPlace };
  const worker = new Worker(new URL("../../threads/app-thread.ts", import.meta.url), {
    workerData: data,
    name: `app ${entry.name}`,
    resourceLimits: { maxOldGenerationSizeMb: entry.memoryMb, maxYoungGenerationSizeMb: YOUNG_MEMORY_MB, stackSizeMb: STACK_MB },
  });
  const outbox = createOutbox((calls) => worker.postMessage({ calls }), parts.onDropped);
  const session = createSession({ name: entry.name, ports: parts.ports, deliver: outbox.add, log: parts.log });
  const onStuck = (stillMs: number): void =>
    end({
      why: "it did not answer",
      fault: {
        message: `its thread did not come to rest for ${stillMs / 1000} s: an endless loop, or work that belongs elsewhere`,
        place: null,
        source: null,
      },
    });
  const stopWatching = watchThread({ worker, beat: new Int32Array(beat), clock, isReady: () => isReady, onStuck });

  /** What the thread itself tells; all else is the app's request. */
  const told: Readonly<Record<string, (input: never) => unknown>> = {
    ready(input: { readonly files: readonly string[] }) {
      files = input.files;
      isReady = true;
      parts.onReady();
    },
    callbackFailed(fault: Fault) {
      parts.onCallbackFailed(fault);
    },
    failed(fault: Fault & { readonly files: readonly string[] }) {
      files = [...new Set([entry.file, ...fault.files])];
      end({ why: "it could not be started", fault });
    },
    exited(fault: Fault) {
      end({ why: "it crashed", fault });
    },
    ended: () => ended.resolve(),
    /** Not told by the thread: it has gone, and all that it told before has been heard. */
    gone(code: number) {
      end({ why: "it crashed", fault: { message: `its thread ended by itself with code ${code}`, place: null, source: null } });
    },
  };
  worker.on("message", (message) => {
    if (message === TAKEN) outbox.taken();
  });
  const handle = (name: string, asked: unknown): unknown => {
    const { input, runId, place } = asked as Told;
    const telling = told[name];
    const answer = (): unknown => (telling === undefined ? session.handle(name, input, place) : (telling(input as never) ?? null));
    return runId === undefined ? answer() : withinRun(runId, answer);
  };
  const inTurn = oneATurn(handle);
  serveRpc(worker, inTurn);
  worker.on("error", (error) => {
    // Whatever the app has thrown, be it a text or nothing.
    const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    const fault = faultOf(error, files);
    if (!isMemory) end({ why: "it crashed", fault });
    else end({ why: "its memory was full", fault: { ...fault, message: `it needed more than ${entry.memoryMb} MB (memory_mb)` } });
  });
  worker.on("exit", (code) => {
    parts.workPlaces?.free(workPlace);
    ended.resolve();
    void inTurn("gone", { input: code } satisfies Omit<Told, "runId">);
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
      await Promise.all([silence(), Promise.race([worker.terminate(), pause(GONE_MS, null, { ref: false })])]);
    },
  };
}
