import { parentPort, workerData } from "node:worker_threads";
import { reasonOf } from "../../core/reason.ts";
import { type App, INSIDE } from "../../kit/app.ts";
import type { Calls } from "../../kit/calls.ts";
import { limited } from "../../kit/link.ts";
import type { LogLevel } from "../apps/session/session.ts";
import { logOfConsole } from "../apps/thread/app-console.ts";
import { checkArgs } from "../apps/thread/args.ts";
import { faultOf } from "../apps/thread/fault.ts";
import { loadAppClass } from "../apps/thread/load.ts";
import { markWork } from "../apps/thread/mark-work.ts";
import { placesOfNames } from "../apps/thread/names.ts";
import { tellExit, tellKill } from "../apps/thread/own-end.ts";
import { resolveForApps } from "../apps/thread/resolve.ts";
import { type AppThreadData, BEAT_MS, TAKEN, type Told } from "../apps/thread/thread-data.ts";
import { createClock } from "../clock.ts";
import { currentRunId, withinRun } from "../run-context.ts";
import { ownThreadId } from "./priority.ts";
import { createRpcClient } from "./rpc.ts";

/** The thread of one app of the user's. What it asks goes to the runtime; what the runtime tells it comes in batches. */

const data = workerData as AppThreadData;
const port = parentPort!;
if (data.workPlace !== null) markWork(data.workPlace);
const files = resolveForApps(data.sources);
const client = createRpcClient(port);
const firstPlace = placesOfNames(files);
const tell = (name: string, input: unknown, asked?: Error): Promise<unknown> =>
  client.call(name, { input, runId: currentRunId(), place: firstPlace(input, asked) } satisfies Told);
const link = limited({ call: tell });
const clock = createClock(data.clock);
const beat = new Int32Array(data.beat);
Atomics.store(beat, 1, ownThreadId());
Atomics.add(beat, 0, 1); // the thread is there: from now on a standstill is the app's
setInterval(() => Atomics.add(beat, 0, 1), BEAT_MS);

function report(name: "callbackFailed" | "failed", error: unknown): Promise<unknown> {
  return tell(name, { ...faultOf(error, files), files });
}
// A promise that nobody looks at is the app's oversight, and one thing that failed: the app goes on.
process.on("unhandledRejection", (error) => void report("callbackFailed", error));
const log = (level: LogLevel, text: string): void => void link.call("log", { text, level }).catch(() => undefined);
tellExit(files, (fault) => void tell("exited", fault));
tellKill(files, (words) => log("warn", words));
// The program's own output is for its log alone, line by line.
logOfConsole(log);

let app: App<unknown> | null = null;
port.on("message", (message: { readonly calls?: Calls; readonly terminate?: true }) => {
  if (message.calls !== undefined) {
    app?.[INSIDE].take(message.calls);
    port.postMessage(TAKEN, []);
  }
  if (message.terminate) void end();
});

async function end(): Promise<void> {
  try {
    await app?.terminate();
    await app?.[INSIDE].settled();
  } catch (error) {
    await report("callbackFailed", error);
  }
  await tell("ended", null);
  port.close();
}

try {
  const appClass = await loadAppClass(data.file, data.className);
  const { args, warnings } = checkArgs(appClass, data.args, data.lines);
  for (const words of warnings) log("warn", words);
  app = new appClass({
    name: data.name,
    args,
    link,
    nowMs: clock.nowMs,
    onError: (error) => void report("callbackFailed", error),
    reasonOf,
    withinRun,
  });
  await app.initialize();
  await app[INSIDE].registered();
  await tell("ready", { files });
} catch (error) {
  await report("failed", error);
}
