import { Worker } from "node:worker_threads";
import type { ExportRequest } from "../../store/export.ts";
import { createRpcClient } from "./rpc.ts";

/** Exports that run at once; each costs a thread of 15 MB. */
const MOST_EXPORTS = 2;
/** Whoever takes longer holds a read transaction for too long, and the log grows meanwhile. */
const LONGEST_MS = 15 * 60_000;

/** Two run already. */
export class ExportsBusy extends Error {
  readonly code = "busy";
  constructor() {
    super(`${MOST_EXPORTS} exports run already. Try again when one of them is done.`);
    this.name = "ExportsBusy";
  }
}

export interface Exports {
  /** The rows as text, piece by piece, each read when it is asked for. @throws ExportsBusy; RangeError when the view cannot be asked so. */
  open(request: ExportRequest): Promise<AsyncIterable<string>>;
  /** Ends all that run. */
  close(): Promise<void>;
}

export function createExports(path: string): Exports {
  const running = new Set<Worker>();
  return {
    async open(request) {
      if (running.size >= MOST_EXPORTS) throw new ExportsBusy();
      const worker = new Worker(new URL("./export-thread.ts", import.meta.url), { workerData: { path, request } });
      running.add(worker);
      const client = createRpcClient(worker);
      const limit = setTimeout(() => void worker.terminate(), LONGEST_MS).unref();
      worker.on("error", (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
      worker.on("exit", () => {
        clearTimeout(limit);
        running.delete(worker);
        client.fail(new Error("the export was ended"));
      });
      const next = (): Promise<string | null> => client.call("next", null) as Promise<string | null>;
      const end = (): Promise<unknown> => client.call("close", null).catch(() => undefined);
      try {
        // What cannot be exported is said before the first byte.
        return piecesOf(await next(), next, end);
      } catch (error) {
        await end();
        throw error;
      }
    },
    async close() {
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}

/** Closes the thread at the end and also when it is left before its first piece, which a generator would not notice. */
function piecesOf(first: string | null, next: () => Promise<string | null>, end: () => Promise<unknown>): AsyncIterableIterator<string> {
  let waiting: string | null | undefined = first;
  const done = async (): Promise<IteratorResult<string>> => {
    await end();
    return { value: undefined, done: true };
  };
  return {
    async next() {
      const piece = waiting === undefined ? await next() : waiting;
      waiting = undefined;
      return piece === null ? done() : { value: piece, done: false };
    },
    return: done,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
