import "./low-priority.ts";
import { parentPort, workerData } from "node:worker_threads";
import { createStages, type StageName } from "../../flow/stages.ts";
import { openForReading } from "../../store/db.ts";
import { createClock } from "../clock.ts";
import { serveRpc } from "./rpc.ts";
import { CANCEL_ALL, type StageThreadData } from "./stage-thread-data.ts";
import { writerOver } from "./writer-client.ts";

/** A thread for everything that can take more than 10 ms: reads with its own connection, posts what it computed to the writer. */

/** After a pass nothing happens for minutes, and V8 would keep what it left behind until the heap has grown anew: a third of it. */
const TIDY_AFTER_MS = 1000;
let tidying: NodeJS.Timeout | undefined;

const data = workerData as StageThreadData;
let asked = 0;
let running = 0;
const flag = new Int32Array(data.cancelFlag);
const reader = openForReading(data.dbPath);
const stages = createStages({
  reader,
  writer: writerOver(data.writerPort),
  clock: createClock(data.clock),
  options: data.options,
  onProgress: (share) => Atomics.store(flag, 1, Math.round(share * 1000)),
  isCancelled: () => [running, CANCEL_ALL].includes(Atomics.load(flag, 0)),
});

// One stage at a time in a thread: a request waits for the one before it.
let last: Promise<unknown> = Promise.resolve();

serveRpc(parentPort!, (name, input) => {
  clearTimeout(tidying);
  if (name === "close") {
    return last.then(() => {
      reader.close();
      data.writerPort.close();
      setImmediate(() => parentPort!.close());
    });
  }
  asked += 1;
  const call = asked;
  const run: Promise<unknown> = last.then(() => {
    running = call;
    Atomics.store(flag, 1, 0);
    return stages[name as StageName](input as never) as Promise<unknown>;
  });
  last = run
    .catch(() => undefined)
    .then(() => {
      clearTimeout(tidying);
      tidying = setTimeout(() => globalThis.gc?.(), TIDY_AFTER_MS).unref();
    });
  return run;
});
