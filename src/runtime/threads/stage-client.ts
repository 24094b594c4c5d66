import { Worker } from "node:worker_threads";
import type { ClockParameters } from "../../core/clock.ts";
import type { StageOptions } from "../../flow/stage.ts";
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
  /** Calls so far: the thread counts them alike, so a number names one. */
  calls: number;
}

/** Stages that may take minutes get a thread of their own for the time, so that features and predictions go on. */
const LONG_STAGES: ReadonlySet<StageName> = new Set<StageName>(["train", "drift", "changes", "maintain"]);

/**
 * Two lanes: `pass` lives as long as the app and keeps the newest events in memory; `learn` is started for a long stage and ended after it,
 * which gives its memory back. A thread that dies fails its call and is started anew at the next.
 */
export function createStageThreads(parts: {
  readonly dbPath: string;
  readonly clock: ClockParameters;
  readonly options: StageOptions;
  readonly writer: WriterThread;
}): StageThreads {
  const lanes = new Map<"pass" | "learn", Promise<Lane>>();
  let learning: Promise<unknown> = Promise.resolve();
  let longStage: { readonly stage: StageName; readonly flag: Int32Array } | null = null;

  async function open(kind: "pass" | "learn"): Promise<Lane> {
    const cancelFlag = new SharedArrayBuffer(8);
    const writerPort = await parts.writer.connect();
    const data: StageThreadData = { dbPath: parts.dbPath, clock: parts.clock, options: parts.options, writerPort, cancelFlag };
    const worker = new Worker(new URL("./stage-thread.ts", import.meta.url), {
      workerData: data,
      transferList: [writerPort],
    });
    const client = createRpcClient(worker);
    worker.on("error", (error) => {
      client.fail(error instanceof Error ? error : new Error(String(error)));
      lanes.delete(kind);
    });
    worker.on("exit", (code) => {
      client.fail(new Error(`the ${kind} thread ended with code ${code}`));
      lanes.delete(kind);
    });
    return { client, worker, cancelFlag: new Int32Array(cancelFlag), calls: 0 };
  }

  function lane(kind: "pass" | "learn"): Promise<Lane> {
    let found = lanes.get(kind);
    if (found === undefined) {
      found = open(kind);
      lanes.set(kind, found);
    }
    return found;
  }

  async function callIn(kind: "pass" | "learn", name: StageName, input: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const opened = await lane(kind);
    const { client, cancelFlag } = opened;
    if (kind === "learn") longStage = { stage: name, flag: cancelFlag };
    opened.calls += 1;
    const call = opened.calls;
    const cancel = (): void => {
      Atomics.store(cancelFlag, 0, call);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await client.call(name, input);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
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
      for (const kind of ["pass", "learn"] as const) {
        const found = lanes.get(kind);
        if (found === undefined) continue;
        Atomics.store((await found).cancelFlag, 0, CANCEL_ALL);
        await end(kind).catch(() => undefined);
      }
    },
  };
}
