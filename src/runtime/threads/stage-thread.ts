import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { ClockParameters } from "../../core/clock.ts";
import type { StageOptions } from "../../flow/stage.ts";
import { createStages, type StageName } from "../../flow/stages.ts";
import { openForReading } from "../../store/db.ts";
import { createClock } from "../clock.ts";
import { serveRpc } from "./rpc.ts";
import { writerOver } from "./writer-client.ts";

/** A thread for everything that can take more than 10 ms: reads with its own connection, posts what it computed to the writer. */

export interface StageThreadData {
  readonly dbPath: string;
  readonly clock: ClockParameters;
  readonly options: StageOptions;
  readonly writerPort: MessagePort;
  /** One Int32: not 0 = give up. */
  readonly cancelFlag: SharedArrayBuffer;
}

const data = workerData as StageThreadData;
const flag = new Int32Array(data.cancelFlag);
const reader = openForReading(data.dbPath);
const stages = createStages({
  reader,
  writer: writerOver(data.writerPort),
  clock: createClock(data.clock),
  options: data.options,
  isCancelled: () => Atomics.load(flag, 0) !== 0,
});

// One stage at a time in a thread: a request waits for the one before it.
let last: Promise<unknown> = Promise.resolve();

serveRpc(parentPort!, (name, input) => {
  if (name === "close") {
    return last.then(() => {
      reader.close();
      data.writerPort.close();
      setImmediate(() => parentPort!.close());
    });
  }
  const run: Promise<unknown> = last.then(() => stages[name as StageName](input as never) as Promise<unknown>);
  last = run.catch(() => undefined);
  return run;
});
