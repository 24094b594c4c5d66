import type { ChildProcess, fork } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { reasonOf } from "../../../core/reason.ts";
import { RUN_SOURCES } from "../run-sources.ts";
import { type AtWorkPage, openAtWorkPage } from "./at-work.ts";
import { type Channel, openChannel } from "./channel.ts";
import { createFeed, type Feed } from "./feed.ts";
import { type Output, readOutput } from "./output.ts";
import type { FromApps, ProcessStart, ToApps } from "./protocol.ts";

/** How a process of the apps came to its end. */
export interface LifeEnd {
  readonly words: string;
  /** Apps that were at work at that moment. */
  readonly atWork: readonly string[];
}

export interface LifeParts {
  readonly startProcess: typeof fork;
  readonly start: Omit<ProcessStart, "hasPage">;
  readonly answer: (name: string, input: unknown) => unknown;
  readonly hear: (told: FromApps) => void;
  /** So much of what the home did was left out. */
  readonly onLost: (count: number) => void;
  readonly onLine: (line: string) => void;
  /** Called once. */
  readonly onEnd: (end: LifeEnd) => void;
}

/** One process of the apps, from its start to its end. */
export interface Life {
  readonly channel: Channel<ToApps>;
  readonly feed: Feed;
  /** Ends it at once. */
  kill(words: string): void;
  /** Lets its apps end, for so long; resolves when it is gone. */
  stop(limitMs: number): Promise<void>;
}

/** What it wrote last comes within this; others may hold its output open for ever, as a program that an app started. */
const LAST_WORDS_MS = 500;
/** What one that is asked to end needs for it. */
const GONE_MS = 500;

/** Null where it could not be started; its end is told then, too. */
export function startLife(parts: LifeParts): Life | null {
  const page = openAtWorkPage();
  const begun = begin(parts.startProcess, page, (error) => {
    page?.close();
    parts.onEnd({ words: `it could not be started (${reasonOf(error)})`, atWork: [] });
  });
  if (begun === null) return null;
  const child = begun;
  const killNow = (): unknown => child.kill("SIGKILL");
  process.once("exit", killNow);
  const { answer, hear } = parts;
  const channel = openChannel<FromApps, ToApps>(
    { on: (event, listener) => child.on(event, listener), postMessage: (message) => void child.send(message as object, () => undefined) },
    { answer, hear },
  );
  const feed = createFeed((news) => channel.tell({ news }), parts.onLost);
  const output = readOutput([child.stdout!, child.stderr!], parts.onLine);
  const gone = Promise.withResolvers<void>();
  let killedFor: string | null = null;

  function end(words: string): void {
    process.off("exit", killNow);
    channel.fail(new Error("the process of the apps has ended"));
    feed.close();
    const atWork = page?.names() ?? [];
    page?.close();
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    gone.resolve();
    parts.onEnd({ words, atWork });
  }

  child.once("exit", (code, signal) => {
    const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
    void Promise.race([closed, pause(LAST_WORDS_MS, null, { ref: false })]).then(() => end(killedFor ?? wordsOf(code, signal, output)));
  });
  channel.call("start", { ...parts.start, hasPage: page !== null } satisfies ProcessStart).catch(() => undefined); // its end is told

  return {
    channel,
    feed,
    kill(words) {
      killedFor = words;
      killNow();
    },
    async stop(limitMs) {
      await Promise.race([channel.call("stop", null).catch(() => undefined), gone.promise, pause(limitMs, null, { ref: false })]);
      if (child.connected) child.disconnect();
      await Promise.race([gone.promise, pause(GONE_MS, null, { ref: false })]);
      killNow();
    },
  };
}

/** Null where the system refuses it; why is told in a later turn, when whoever starts it knows that there is none. */
function begin(startProcess: typeof fork, page: AtWorkPage | null, onRefused: (error: unknown) => void): ChildProcess | null {
  try {
    // The same flags as this process, and nothing of it on a terminal: its lines go through the log.
    const child = startProcess(fileURLToPath(new URL("../../threads/apps-process.ts", import.meta.url)), {
      execArgv: [...process.execArgv, ...RUN_SOURCES],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc", ...(page === null ? [] : [page.fd])],
    });
    // Before all else: one that is no process may have no output either, and an error that nobody hears ends the program.
    child.on("error", (error) => {
      if (child.pid === undefined) onRefused(error);
    });
    if (child.pid !== undefined) return child;
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  } catch (error) {
    // As where there is no memory for it.
    setImmediate(onRefused, error);
  }
  return null;
}

function wordsOf(code: number | null, signal: ChildProcess["signalCode"], output: Output): string {
  const said = output.lastWords();
  if (said !== null) return `${said}; one allocation was far larger than memory_mb allows`;
  if (signal === "SIGKILL") return "it was killed from outside; the system does that where memory runs out";
  return signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
}
