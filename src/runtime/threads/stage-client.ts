import { Worker } from "node:worker_threads";
import type { ClockParameters } from "../../core/clock.ts";
import { errorOf } from "../../core/reason.ts";
import { Cancelled, type StageOptions } from "../../flow/stage.ts";
import type { StageInput, StageName, StageResult } from "../../flow/stages.ts";
import { createRpcClient, type RpcClient } from "./rpc.ts";
import { CANCEL_ALL, type StageThreadData } from "./stage-thread-data.ts";
import type { WriterThread } from "./writer-client.ts";

export interface StageThreads {
  run<N extends StageName>(name: N, input: StageInput<N>, signal?: AbortSignal): Promise<StageResult<N>>;
  /** The long stage under way and how far it is, 0 to 1 where it says so; null when there is none. */
  underWay(): { readonly stage: StageName; readonly share: number } | null;
  close(): Promise<void>;
}

interface Lane {
  readonly client: RpcClient;
  readonly worker: Worker;
  readonly cancelFlag: Int32Array;
  /** Fails what waits for the thread, and frees its place. */
  leave(error: Error): void;
  /** Calls so far: the thread counts them alike, so a number names one. */
  calls: number;
}

/** Stages that may take minutes get a thread of their own for the time, so that features and predictions go on. */
const LONG_STAGES: ReadonlySet<StageName> = new Set<StageName>(["train", "drift", "changes", "runLengths", "maintain"]);
/** A stage that has not ended this long after its cancel will not: its thread is given up, with all that waits in it. */
const GRACE_MS = 10_000;
/** The app that stops does not wait so long: what was cut off is done again at its next start, as after a kill. */
const CLOSE_GRACE_MS = 1000;

/**
 * Two lanes: `pass` lives as long as the app and keeps the newest events in memory; `learn` is started for a long stage and ended after it,
 * which gives its memory back. A thread that dies fails its call and is started anew at the next.
 */
export function createStageThreads(parts: {
  readonly dbPath: string;
  readonly clock: ClockParameters;
  readonly options: StageOptions;
  readonly writer: WriterThread;
  readonly graceMs?: number;
  readonly closeGraceMs?: number;
  /** Another thread that answers as stages do. */
  readonly threadFile?: URL;
}): StageThreads {
  const { graceMs = GRACE_MS, closeGraceMs = CLOSE_GRACE_MS, threadFile = new URL("./stage-thread.ts", import.meta.url) } = parts;
  const lanes = new Map<"pass" | "learn", Promise<Lane>>();
  let learning: Promise<unknown> = Promise.resolve();
  let isClosing = false;
  let longStage: { readonly stage: StageName; readonly flag: Int32Array } | null = null;

  async function open(kind: "pass" | "learn", free: () => void): Promise<Lane> {
    const cancelFlag = new SharedArrayBuffer(8);
    const writerPort = await parts.writer.connect();
    const data: StageThreadData = { dbPath: parts.dbPath, clock: parts.clock, options: parts.options, writerPort, cancelFlag };
    const worker = new Worker(threadFile, {
      name: kind,
      workerData: data,
      transferList: [writerPort],
    });
    const client = createRpcClient(worker);
    const leave = (error: Error): void => {
      client.fail(error);
      free();
    };
    worker.on("error", (error) => leave(errorOf(error)));
    worker.on("exit", (code) => leave(new Error(`the ${kind} thread ended with code ${code}`)));
    return { client, worker, leave, cancelFlag: new Int32Array(cancelFlag), calls: 0 };
  }

  function lane(kind: "pass" | "learn"): Promise<Lane> {
    const found = lanes.get(kind);
    if (found !== undefined) return found;
    // A thread that was given up ends later, when another may be on its way to this place.
    const free = (): void => {
      if (lanes.get(kind) === opening) lanes.delete(kind);
    };
    const opening = open(kind, free);
    lanes.set(kind, opening);
    opening.catch(free);
    return opening;
  }

  async function callIn(kind: "pass" | "learn", name: StageName, input: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (isClosing) throw new Cancelled(name);
    const opened = await lane(kind);
    // Opening takes a while, in which a cancel has nobody to hear it.
    signal?.throwIfAborted();
    if (isClosing) throw new Cancelled(name);
    const { client, cancelFlag } = opened;
    if (kind === "learn") longStage = { stage: name, flag: cancelFlag };
    opened.calls += 1;
    const call = opened.calls;
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      Atomics.store(cancelFlag, 0, call);
      grace = setTimeout(() => giveUp(opened, name, graceMs), graceMs);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await client.call(name, input);
    } finally {
      clearTimeout(grace);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** The thread ends, whatever it does; the lane is free for the next call, in a new one. What it had posted to the writer is whole. */
  function giveUp(opened: Lane, name: string, afterMs: number): void {
    opened.leave(new Error(`the thread of ${name} went on for ${afterMs / 1000} seconds after its cancel, so it was ended`));
    void opened.worker.terminate();
  }

  async function closeLane(kind: "pass" | "learn"): Promise<void> {
    const found = lanes.get(kind);
    if (found === undefined) return;
    const opened = await found;
    Atomics.store(opened.cancelFlag, 0, CANCEL_ALL);
    const grace = setTimeout(() => giveUp(opened, kind, closeGraceMs), closeGraceMs);
    await end(kind).finally(() => clearTimeout(grace));
  }

  async function end(kind: "pass" | "learn"): Promise<void> {
    const found = lanes.get(kind);
    if (found === undefined) return;
    const { client, worker } = await found;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    await client.call("close", null);
    await ended;
  }

  return {
    run<N extends StageName>(name: N, input: StageInput<N>, signal?: AbortSignal) {
      if (!LONG_STAGES.has(name)) return callIn("pass", name, input, signal) as Promise<StageResult<N>>;
      const turn = learning.then(async () => {
        try {
          return await callIn("learn", name, input, signal);
        } finally {
          longStage = null;
          await end("learn").catch(() => undefined);
        }
      });
      learning = turn.catch(() => undefined);
      return turn as Promise<StageResult<N>>;
    },
    underWay: () => (longStage === null ? null : { stage: longStage.stage, share: Atomics.load(longStage.flag, 1) / 1000 }),
    async close() {
      isClosing = true;
      await Promise.all((["pass", "learn"] as const).map((kind) => closeLane(kind).catch(() => undefined)));
    },
  };
}
