import { Worker } from "node:worker_threads";
import type { Reader, ReadName, ReadResult } from "../../store/reads.ts";
import { createRpcClient, type RpcClient } from "./rpc.ts";

export interface ReaderThread extends Reader {
  close(): Promise<void>;
}

/** The app lets go of the file: it stops, or restores a backup. */
class DatabaseClosed extends Error {
  readonly code = "not_ready";
  constructor() {
    super("The database is closed at the moment. Try again in a minute.");
    this.name = "DatabaseClosed";
  }
}

interface Lane {
  readonly worker: Worker;
  readonly client: RpcClient;
  readonly ended: Promise<void>;
}

/** A thread costs 15 MB, and for most of the day nobody asks; one that was just asked is likely to be asked again. */
const IDLE_MS = 15_000;

/**
 * Questions to the file at `path`, which must be there, answered in a thread of their own: it starts with the first of them and ends when nobody
 * has asked for a while. One that dies fails its questions and is started anew at the next.
 */
export function createReaderThread(path: string, idleMs = IDLE_MS): ReaderThread {
  let lane: Lane | null = null;
  let isClosed = false;
  let idle: NodeJS.Timeout | undefined;
  let ending: Promise<void> = Promise.resolve();
  /** The same question asked again while it is being answered gets the same answer. */
  const underWay = new Map<string, Promise<unknown>>();

  function open(): Lane {
    const worker = new Worker(new URL("./reader-thread.ts", import.meta.url), { workerData: { path } });
    const client = createRpcClient(worker);
    worker.on("error", (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
    const ended = new Promise<void>((resolve) => {
      worker.on("exit", () => {
        client.fail(new Error("the thread that reads the database has ended"));
        if (lane?.worker === worker) lane = null;
        resolve();
      });
    });
    return { worker, client, ended };
  }

  /** Ends the thread behind what it was asked; a question that comes meanwhile starts another. */
  async function end(): Promise<void> {
    clearTimeout(idle);
    const last = lane;
    lane = null;
    await ending;
    if (last === null) return;
    await last.client.call("close", null).catch(() => undefined);
    await last.ended;
  }

  function answered(key: string): void {
    underWay.delete(key);
    if (isClosed || underWay.size > 0) return;
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (underWay.size === 0) ending = end();
    }, idleMs).unref();
  }

  return {
    read<N extends ReadName>(name: N, input: unknown) {
      if (isClosed) return Promise.reject(new DatabaseClosed());
      const key = `${name} ${JSON.stringify(input)}`;
      let answer = underWay.get(key);
      if (answer === undefined) {
        lane ??= open();
        answer = lane.client.call(name, input).finally(() => answered(key));
        underWay.set(key, answer);
      }
      return answer as Promise<ReadResult<N>>;
    },
    close() {
      isClosed = true;
      return end();
    },
  };
}
