import type { Clock, ClockParameters } from "../../core/clock.ts";
import { reasonOf } from "../../core/reason.ts";
import type { AppEntry } from "./folder/apps-file.ts";
import type { AppPorts } from "./ports.ts";
import type { WorkPlaces } from "./process/at-work.ts";
import type { LogLevel } from "./session/session.ts";
import { type AppWorker, type Ending, startAppWorker } from "./thread/app-worker.ts";
import { faultWords } from "./thread/fault.ts";
import type { Stripper } from "./thread/stripper.ts";

/** One app of the folder as it stands. */
export interface AppStatus {
  readonly name: string;
  readonly state: "waiting" | "starting" | "running" | "failed" | "stopped";
  readonly sinceMs: number;
  /** How often it was started anew because it had ended. */
  readonly restarts: number;
  readonly callbacks: number;
  readonly callbacksFailed: number;
  readonly dropped: number;
  /** What went wrong last, with its place. */
  readonly lastFault: string | null;
}

/** Where the state of apps is told. */
export interface AppReports {
  log(app: string, level: LogLevel, text: string): void;
  /** The app does not run, and why. */
  failed(app: string, words: string): void;
  /** It runs, and has for a while. */
  recovered(app: string): void;
  /** It does not read what it listens to: so many calls were dropped. */
  behind(app: string, dropped: number): void;
  /** It has read all of it for a while. */
  caughtUp(app: string): void;
}

/** An app that is not started at once, as if it had ended already. */
export interface Held {
  readonly app: string;
  /** Why. */
  readonly words: string;
  readonly forMs: number;
  /** When something in the folder had been saved last, ms since 1970. */
  readonly savedMs: number;
}

export interface LaneParts {
  readonly ports: AppPorts;
  readonly clock: Clock;
  readonly clockParameters: ClockParameters;
  readonly reports: AppReports;
  readonly stripper: Stripper;
  readonly workPlaces?: WorkPlaces;
}

export interface AppLane {
  readonly entry: AppEntry;
  /** Waits for those it depends on. Resolves when its first start has come to an end, well or not. */
  start(dependencies: readonly AppLane[]): Promise<void>;
  /** Whether it has been started well, at its first try or since. Resolves once that try has ended. */
  hasStarted(): Promise<boolean>;
  /** Resolves when it has been started well, be it at a later try. */
  readonly up: Promise<void>;
  files(): readonly string[];
  status(): AppStatus;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** After so long without an end the app is in order again. */
const STEADY_MS = 60_000;
/** An `initialize` that takes longer is said, and not waited for by those that depend on it. */
const START_LIMIT_MS = 30_000;
const LOGGED_FAILURES_PER_MINUTE = 20;

/** One app, kept running: started, started anew with growing pauses after each end, until it is stopped. */
export function createAppLane(
  entry: AppEntry,
  { ports, clock, clockParameters, reports, stripper, workPlaces }: LaneParts,
  held?: Held,
): AppLane {
  const { name } = entry;
  let worker: AppWorker | null = null;
  let state: AppStatus["state"] = "waiting";
  let sinceMs = clock.nowMs();
  let [restarts, callbacksFailed, earlierCalls, earlierDropped, endsInARow] = [0, 0, 0, 0, 0];
  let files: readonly string[] = [entry.file];
  let lastFault: string | null = null;
  let cancel: () => void = () => undefined;
  let isStopped = false;
  let wasUp = false;
  /** Runs that an end cut off have their receipts: until then nobody can know what is due. */
  let closing: Promise<void> = Promise.resolve();
  let droppedAtMs: number | null = null;
  let failuresLogged = { minute: 0, count: 0 };
  const first = Promise.withResolvers<boolean>();
  const up = Promise.withResolvers<void>();

  function enter(next: AppStatus["state"]): void {
    state = next;
    sinceMs = clock.nowMs();
  }

  async function launch(): Promise<void> {
    if (isStopped) return;
    enter("starting");
    const sources = await stripper.strip(entry.file);
    await closing;
    if (isStopped) return;
    const cancelLimit = ports.agenda.after(START_LIMIT_MS, () => {
      reports.log(name, "warn", `Its initialize has not ended after ${START_LIMIT_MS / 1000} s; it goes on.`);
      isUp();
    });
    worker = startAppWorker({
      entry,
      sources,
      ...(workPlaces === undefined ? {} : { workPlaces }),
      ports,
      clock,
      clockParameters,
      log: (level, text) => reports.log(name, level, text),
      onReady() {
        cancelLimit();
        enter("running");
        isUp();
        reports.log(name, "info", restarts === 0 ? "The app runs." : "The app runs again.");
        // Its file is another now, so what was wrong before is not any more.
        if (restarts === 0) reports.recovered(name);
        cancel = ports.agenda.after(STEADY_MS, () => {
          endsInARow = 0;
          reports.recovered(name);
        });
      },
      onCallbackFailed(fault) {
        callbacksFailed += 1;
        lastFault = faultWords(fault);
        logFailure(lastFault);
      },
      onDropped(total) {
        reports.behind(name, earlierDropped + total);
        if (droppedAtMs === null) lookWhetherItReads();
        droppedAtMs = clock.nowMs();
      },
      onEnd(ending, closed) {
        cancelLimit();
        closing = closed.catch((error: unknown) => reports.log(name, "warn", `A receipt could not be written: ${reasonOf(error)}`));
        ended(ending);
      },
    });
  }

  function isUp(): void {
    wasUp = true;
    first.resolve(true);
    up.resolve();
  }

  /** What it depends on is tried again by itself; it comes when that is up. */
  async function waitFor(missing: readonly AppLane[]): Promise<void> {
    lastFault = `it waits for ${missing.map((lane) => lane.entry.name).join(", ")}, which could not be started`;
    reports.failed(name, lastFault);
    first.resolve(false);
    await Promise.all(missing.map((lane) => lane.up));
    lastFault = null;
  }

  function lookWhetherItReads(): void {
    ports.agenda.after(STEADY_MS, () => {
      if (isStopped || droppedAtMs === null) return;
      if (clock.nowMs() - droppedAtMs < STEADY_MS) lookWhetherItReads();
      else {
        droppedAtMs = null;
        reports.caughtUp(name);
      }
    });
  }

  /** An app that fails with every event must not fill the log. */
  function logFailure(words: string): void {
    const minute = Math.floor(clock.nowMs() / 60_000);
    if (failuresLogged.minute !== minute) failuresLogged = { minute, count: 0 };
    failuresLogged.count += 1;
    if (failuresLogged.count < LOGGED_FAILURES_PER_MINUTE) reports.log(name, "error", `A callback failed: ${words}`);
    else if (failuresLogged.count === LOGGED_FAILURES_PER_MINUTE)
      reports.log(name, "error", "Callbacks go on failing; the rest of this minute is counted only.");
  }

  function ended({ why, fault }: Ending): void {
    cancel();
    keepCounts();
    worker = null;
    endsInARow += 1;
    comeBack(`${why}: ${faultWords(fault)}`, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (endsInARow - 1)));
  }

  function comeBack(words: string, afterMs: number): void {
    enter("failed");
    lastFault = words;
    reports.log(name, "error", words);
    reports.failed(name, words);
    first.resolve(false);
    cancel = ports.agenda.after(afterMs, () => {
      restarts += 1;
      void launch();
    });
  }

  function keepCounts(): void {
    if (worker === null) return;
    files = worker.files();
    const { delivered, dropped } = worker.counts();
    earlierCalls += delivered;
    earlierDropped += dropped;
  }

  return {
    entry,
    hasStarted: () => (wasUp ? Promise.resolve(true) : first.promise),
    up: up.promise,
    async start(dependencies) {
      if (held !== undefined) return comeBack(held.words, held.forMs);
      const started = await Promise.all(dependencies.map((lane) => lane.hasStarted()));
      const missing = dependencies.filter((_lane, n) => !started[n]);
      if (missing.length === 0) void launch();
      else if (!isStopped) void waitFor(missing).then(launch);
      await first.promise;
    },
    files: () => worker?.files() ?? files,
    status() {
      const counts = worker?.counts() ?? { delivered: 0, dropped: 0 };
      return {
        name,
        state,
        sinceMs,
        restarts,
        callbacks: earlierCalls + counts.delivered,
        callbacksFailed,
        dropped: earlierDropped + counts.dropped,
        lastFault,
      };
    },
    async stop() {
      isStopped = true;
      cancel();
      keepCounts();
      const ending = worker;
      worker = null;
      await ending?.stop();
      await closing;
      if (droppedAtMs !== null) reports.caughtUp(name);
      enter("stopped");
      first.resolve(false);
    },
  };
}
