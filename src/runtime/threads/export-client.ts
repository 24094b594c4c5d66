import { Worker } from "node:worker_threads";
import { errorOf } from "../../core/reason.ts";
import { type EventCursor, type ExportPlan, isPaged } from "../../store/export.ts";
import { type ExportRequest, planExport } from "../../store/export-plan.ts";
import type { Reader } from "../../store/reads.ts";
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

interface Rest {
  next(): Promise<string | null>;
  end(): Promise<unknown>;
}

const NO_REST: Rest = { next: () => Promise.resolve(null), end: () => Promise.resolve() };

/** @param reads answers the beginning of what is read in pages: a thread that runs already, where a new one would take its time */
export function createExports(path: string, reads: Pick<Reader, "read">): Exports {
  /** One for each export that runs: its thread, once it has one. */
  const running = new Map<object, Worker | null>();

  function start(place: object, plan: ExportPlan, after: EventCursor | null): Rest {
    const worker = new Worker(new URL("./export-thread.ts", import.meta.url), { workerData: { path, plan, after } });
    running.set(place, worker);
    const client = createRpcClient(worker);
    const limit = setTimeout(() => void worker.terminate(), LONGEST_MS).unref();
    worker.on("error", (error) => client.fail(errorOf(error)));
    worker.on("exit", () => {
      clearTimeout(limit);
      running.delete(place);
      client.fail(new Error("the export was ended"));
    });
    return {
      next: () => client.call("next", null) as Promise<string | null>,
      end: () => client.call("close", null).catch(() => undefined),
    };
  }

  async function begin(place: object, plan: ExportPlan): Promise<{ readonly first: string | null; readonly rest: Rest }> {
    if (isPaged(plan)) {
      const { text, after } = await reads.read("exportStart", plan);
      return { first: text === "" ? null : text, rest: after === null ? NO_REST : start(place, plan, after) };
    }
    const rest = start(place, plan, null);
    try {
      // What cannot be exported is said before the first byte.
      return { first: await rest.next(), rest };
    } catch (error) {
      await rest.end();
      throw error;
    }
  }

  return {
    async open(request) {
      if (running.size >= MOST_EXPORTS) throw new ExportsBusy();
      const plan = planExport(request);
      const place = {};
      running.set(place, null);
      try {
        const { first, rest } = await begin(place, plan);
        if (rest === NO_REST) running.delete(place);
        return piecesOf(first, rest);
      } catch (error) {
        running.delete(place);
        throw error;
      }
    },
    async close() {
      await Promise.all([...running.values()].map((worker) => worker?.terminate()));
    },
  };
}

/** Closes the thread at the end and also when it is left before its first piece, which a generator would not notice. */
function piecesOf(first: string | null, { next, end }: Rest): AsyncIterableIterator<string> {
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
