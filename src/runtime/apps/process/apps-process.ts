import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Clock, ClockParameters } from "../../../core/clock.ts";
import { withinRun } from "../../run-context.ts";
import type { AppReports, AppStatus, Held } from "../app-lane.ts";
import type { AppPorts } from "../ports.ts";
import { type FollowedReceipts, followRuns } from "./begun-runs.ts";
import { type Channel, openChannel } from "./channel.ts";
import { createFeed, type Feed } from "./feed.ts";
import { type Output, readOutput } from "./output.ts";
import type { Asked, FromApps, ProcessStart, ToApps } from "./protocol.ts";
import { createSuspects } from "./suspects.ts";

export interface AppsProcessParts extends Pick<AppPorts, "home" | "findings" | "store" | "receipts"> {
  readonly folder: string;
  readonly clock: Clock;
  readonly clockParameters: ClockParameters;
  readonly reports: AppReports;
  readonly onFindings: (findings: readonly string[]) => void;
  /** Events of this type are wanted; told again by each new process. */
  readonly onType: (type: string) => void;
  readonly onTrouble: (words: string, fields: Readonly<Record<string, string>>) => void;
  /** A line that was written past the log. */
  readonly onLine: (line: string) => void;
  /** A new one, or one that could not follow: it wants to be told all states and the place. */
  readonly onIgnorant: () => void;
}

/** The process in which the user's apps live, kept running: one that ends is followed by another. */
export interface AppsProcess extends Omit<Feed, "taken" | "progress" | "waiting" | "close"> {
  status(): Promise<readonly AppStatus[]>;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** After so long its end is a first one again. */
const STEADY_MS = 60_000;
const LOOK_MS = 10_000;
/** It has not read what it was told for so many looks: it hangs. */
const PATIENCE_LOOKS = 3;
/** An app may take two seconds to terminate, and its thread three to be gone. */
const STOP_MS = 6_000;
/** What one that is asked to stop needs to be gone after its apps are. */
const GONE_MS = 1_000;

interface Life {
  readonly child: ChildProcess;
  readonly channel: Channel<ToApps>;
  readonly feed: Feed;
  readonly output: Output;
  readonly gone: Promise<void>;
  readonly sinceMs: number;
}

export function startAppsProcess(parts: AppsProcessParts): AppsProcess {
  const { clock, onTrouble } = parts;
  const receipts: FollowedReceipts = followRuns(parts.receipts);
  const { targets, ...findings } = parts.findings;
  const served: Readonly<Record<string, object>> = { home: parts.home, findings, store: parts.store, receipts };
  const suspects = createSuspects();
  const waiting = new AbortController();
  let life: Life | null = null;
  let standing: readonly AppStatus[] = [];
  let atWork: readonly string[] = [];
  let endsInARow = 0;
  let isStopped = false;

  function begin(held: readonly Held[]): void {
    // The same flags as this process, and nothing of it on a terminal: its lines go through the log.
    const child = fork(fileURLToPath(new URL("../../threads/apps-process.ts", import.meta.url)), {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const kill = (): unknown => child.kill("SIGKILL");
    process.once("exit", kill);
    const channel = openChannel<FromApps, ToApps>(
      { on: (event, listener) => child.on(event, listener), postMessage: (message) => void child.send(message as object, () => undefined) },
      { answer, hear },
    );
    const feed = createFeed(
      (news) => channel.tell({ news }),
      (count) => {
        onTrouble("apps were told of so little time that changes were left out; they are told how all stands now", {
          changes: String(count),
        });
        parts.onIgnorant();
      },
    );
    const output = readOutput([child.stdout!, child.stderr!], parts.onLine);
    const gone = new Promise<void>((resolve) => {
      const end = (words: string): void => {
        process.off("exit", kill);
        channel.fail(new Error("the process of the apps has ended"));
        feed.close();
        resolve();
        ended(words);
      };
      child.on("error", (error) => {
        if (child.pid === undefined) end(`it could not be started (${error.message})`);
      });
      child.once("close", (code, signal) => end(wordsOf(code, signal, output)));
    });
    life = { child, channel, feed, output, gone, sinceMs: clock.steadyMs() };
    const start: ProcessStart = { folder: parts.folder, clock: parts.clockParameters, targets: targets ?? [], held };
    channel.call("start", start).catch(() => undefined); // its end is told
  }

  function answer(name: string, input: unknown): unknown {
    const [part, method] = name.split(".") as [string, string];
    const { args, runId } = input as Asked;
    const work = (): unknown => (served[part] as Record<string, (...args: readonly unknown[]) => unknown>)[method]!(...args);
    return runId === undefined ? work() : withinRun(runId, work);
  }

  function hear(told: FromApps): void {
    if (told.news === "taken") life?.feed.taken();
    else if (told.news === "standing") [standing, atWork] = [told.apps, told.atWork];
    else if (told.news === "subscribe") parts.onType(told.type);
    else if (told.news === "trouble") onTrouble(told.words, told.fields);
    else if (told.runId === undefined) report(told);
    else withinRun(told.runId, () => report(told));
  }

  function report({ report: name, args }: FromApps & { readonly news: "report" }): void {
    if (name === "findings") parts.onFindings(args[0] as readonly string[]);
    else (parts.reports[name] as (...args: readonly unknown[]) => void)(...args);
  }

  function ended(words: string): void {
    const lived = life === null ? 0 : clock.steadyMs() - life.sinceMs;
    life = null;
    if (isStopped) return;
    endsInARow = lived > STEADY_MS ? 1 : endsInARow + 1;
    const names = atWork;
    const held = suspects.ended(names, `it was at work when the process of all apps ended: ${words}`, clock.nowMs());
    onTrouble("the process of the apps ended; it is started again", {
      reason: words,
      atWork: names.length === 0 ? "no app that is known" : names.join(", "),
    });
    // Nobody is behind with what nobody tells him any more.
    for (const { name } of standing) parts.reports.caughtUp(name);
    standing = standing.map((app) => ({ ...app, state: "waiting" }));
    atWork = [];
    void beginAgain(held, words);
  }

  async function beginAgain(held: readonly Held[], words: string): Promise<void> {
    await receipts
      .cutOff(Math.floor(clock.nowMs()), `the process of the apps ended: ${words}`)
      .catch((error: unknown) => onTrouble("a receipt could not be written", { reason: String(error) }));
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (endsInARow - 1));
    await clock.sleepUntil(clock.nowMs() + pauseMs, waiting.signal).catch(() => undefined);
    if (isStopped) return;
    begin(held.map((each) => ({ ...each, forMs: Math.max(0, each.forMs - pauseMs) })));
    parts.onIgnorant();
  }

  let seenTakes = -1;
  let still = 0;
  const stopLooking = clock.timer(LOOK_MS, () => {
    const { takes, owes } = life?.feed.progress() ?? { takes: -1, owes: 0 };
    still = owes > 0 && takes === seenTakes ? still + 1 : 0;
    seenTakes = takes;
    if (still < PATIENCE_LOOKS) return;
    still = 0;
    onTrouble("the process of the apps does not answer; it is ended", {});
    life?.child.kill("SIGKILL");
  });

  begin([]);

  return {
    heard: (change) => life?.feed.heard(change),
    asking: () => life?.feed.asking(),
    all: (states) => life?.feed.all(states),
    event: (event) => life?.feed.event(event),
    place: (place) => life?.feed.place(place),
    computed: (job) => life?.feed.computed(job),
    status: async () => ((await life?.channel.call("status", null).catch(() => undefined)) as readonly AppStatus[] | undefined) ?? standing,
    async stop() {
      isStopped = true;
      stopLooking();
      waiting.abort();
      if (life === null) return;
      const { child, channel, gone } = life;
      await Promise.race([channel.call("stop", null).catch(() => undefined), gone, pause(STOP_MS, null, { ref: false })]);
      // Its end is no news any more.
      if (child.connected) child.disconnect();
      await Promise.race([gone, pause(GONE_MS, null, { ref: false })]);
      child.kill("SIGKILL");
    },
  };
}

function wordsOf(code: number | null, signal: string | null, output: Output): string {
  const said = output.lastWords();
  if (said !== null) return `${said}; one allocation was far larger than memory_mb allows`;
  if (signal === "SIGKILL") return "the system ended it, as it does where memory runs out";
  return signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
}
