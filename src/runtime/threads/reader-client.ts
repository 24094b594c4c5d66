import { Worker } from "node:worker_threads";
import type { LogFigures } from "../../store/log-keeper.ts";
import type { Reader, ReadName, ReadResult } from "../../store/reads.ts";
import { createRpcClient, type RpcClient } from "./rpc.ts";

export interface ReaderThread extends Reader {
  /** The write-ahead log, which this thread keeps small. */
  logFigures(): Promise<LogFigures>;
  close(): Promise<void>;
}

interface Lane {
  readonly worker: Worker;
  readonly client: RpcClient;
  readonly ended: Promise<void>;
}

/** Starts the thread that reads the file and keeps its log small; the file must be there. One that dies fails its questions and is started anew at the next. */
export function startReaderThread(path: string): ReaderThread {
  let lane: Lane | null = open();
  let isClosed = false;
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

  return {
    logFigures() {
      lane ??= open();
      return lane.client.call("logFigures", null) as Promise<LogFigures>;
    },
    read<N extends ReadName>(name: N, input: unknown) {
      if (isClosed) return Promise.reject(new Error("the database is closed"));
      const key = `${name} ${JSON.stringify(input)}`;
      let answer = underWay.get(key);
      if (answer === undefined) {
        lane ??= open();
        answer = lane.client.call(name, input).finally(() => underWay.delete(key));
        underWay.set(key, answer);
      }
      return answer as Promise<ReadResult<N>>;
    },
    async close() {
      isClosed = true;
      const last = lane;
      if (last === null) return;
      await last.client.call("close", null).catch(() => undefined);
      await last.ended;
    },
  };
}
