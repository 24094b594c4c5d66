import { Worker } from "node:worker_threads";
import type { LogFigures } from "../../store/log-keeper.ts";
import { createRpcClient } from "./rpc.ts";

export interface CheckpointThread {
  figures(): Promise<LogFigures>;
  close(): Promise<void>;
}

/** Starts the thread that keeps the log of an open database small. Without it the writer does so itself, later and in larger pieces. */
export function startCheckpointThread(path: string, onDeath: (error: Error) => void): CheckpointThread {
  const worker = new Worker(new URL("./checkpoint-thread.ts", import.meta.url), { workerData: { path } });
  const client = createRpcClient(worker);
  let isClosing = false;
  let isGone = false;
  const died = (error: Error): void => {
    client.fail(error);
    if (!isClosing && !isGone) onDeath(error);
    isGone = true;
  };
  worker.on("error", (error) => died(error instanceof Error ? error : new Error(String(error))));
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      died(new Error("the checkpoint thread has ended"));
      resolve();
    });
  });
  return {
    figures: () => client.call("figures", null) as Promise<LogFigures>,
    async close() {
      isClosing = true;
      if (!isGone) await client.call("close", null).catch(() => undefined);
      await ended;
    },
  };
}
