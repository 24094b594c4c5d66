import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import { EXIT } from "../exit.ts";
import { RUN_SOURCES } from "../runtime/apps/run-sources.ts";
import { watchThread } from "../runtime/apps/thread/app-watch.ts";
import { faultOf, faultWords } from "../runtime/apps/thread/fault.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { progressLine } from "../runtime/progress.ts";
import { wallClock } from "./app-lines.ts";
import type { LifeData, LifeTold, LifeWish } from "./apps-run-thread.ts";

/** Lets the app live in a thread, prints what that tells, and says of an app that ends the thread, or never comes to rest, where it was. Resolves to the exit code. */
export async function liveInThread(wish: LifeWish): Promise<number> {
  const { file, name } = wish;
  const clock = createSystemClock();
  const progress = progressLine(clock, `the past with ${name}`);
  const data: LifeData = { ...wish, beat: new SharedArrayBuffer(8), instant: new SharedArrayBuffer(8) };
  const instant = new Float64Array(data.instant);
  const worker = new Worker(new URL("./apps-run-thread.ts", import.meta.url), {
    workerData: data,
    name: `app ${name}`,
    execArgv: [...RUN_SOURCES],
  });
  const over = Promise.withResolvers<number>();
  let stopWatching: () => void = () => undefined;
  let isOver = false;

  function end(words: string, code: number): void {
    if (isOver) return;
    isOver = true;
    stopWatching();
    progress.end();
    process.stderr.write(`${words}\n`);
    over.resolve(code);
  }

  /** What the thread tells from here on may come to rest no more: it is watched. */
  function watch(timeZone: string): void {
    const at = wallClock(timeZone);
    stopWatching = watchThread({
      worker,
      beat: new Int32Array(data.beat),
      clock,
      isReady: () => true,
      onStuck: (stillMs) =>
        end(
          `${name} (${basename(file)}) did not come to rest for ${stillMs / 1000} s when it was ${at(instant[0]!)} in the home: an endless loop, or work that belongs elsewhere. It is stopped.`,
          EXIT.failed,
        ),
    });
  }

  worker.on("message", (told: LifeTold) => {
    if (isOver) return;
    if ("line" in told) process.stdout.write(`${told.line}\n`);
    else if ("share" in told) progress.show(told);
    else if ("timeZone" in told) watch(told.timeZone);
    else end(told.end, told.code);
  });
  worker.on("error", (error) => end(`${basename(file)} crashed: ${faultWords(faultOf(error, [file]))}`, EXIT.failed));
  worker.on("exit", (code) => end(`The thread of ${basename(file)} ended by itself with code ${code}.`, EXIT.failed));
  // Whoever read the lines has seen enough (| head).
  process.stdout.on("error", () => process.exit(EXIT.success));
  return over.promise;
}
