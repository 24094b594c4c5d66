import { fork } from "node:child_process";
import type { Clock, ClockParameters } from "../../../core/clock.ts";
import { reasonOf } from "../../../core/reason.ts";
import { withinRun } from "../../run-context.ts";
import type { AppReports, AppStatus, Held } from "../app-lane.ts";
import { newestChangeMs } from "../folder/newest-change.ts";
import type { AppPorts } from "../ports.ts";
import { type FollowedReceipts, followRuns } from "./begun-runs.ts";
import type { Feed } from "./feed.ts";
import { type Life, type LifeEnd, startLife } from "./life.ts";
import type { Asked, FromApps } from "./protocol.ts";
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
  /** No app runs, and why; null = they have a process again. */
  readonly onDown: (down: Down | null) => void;
  /** A new one, or one that could not follow: it wants to be told all states and the place. */
  readonly onIgnorant: () => void;
  /** Node's own, unless a test has another. */
  readonly startProcess?: typeof fork;
}

export interface Down extends LifeEnd {
  /** When the next one is started, unless something is saved before. */
  readonly againInMs: number;
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
/** It has neither read what it was told nor answered for so many looks: it hangs. */
const PATIENCE_LOOKS = 3;
/** An app may take two seconds to terminate. */
const STOP_MS = 2_700;
const STATUS_MS = 2_000;
const SAVED_MS = 1_000;

export function startAppsProcess(parts: AppsProcessParts): AppsProcess {
  const { clock, folder, onTrouble } = parts;
  const receipts: FollowedReceipts = followRuns(parts.receipts);
  const { targets, ...findings } = parts.findings;
  const served: Readonly<Record<string, object>> = { home: parts.home, findings, store: parts.store, receipts };
  const suspects = createSuspects();
  const waiting = new AbortController();
  let life: Life | null = null;
  let begunAtMs = 0;
  let standing: readonly AppStatus[] = [];
  let endsInARow = 0;
  let isStopped = false;

  function begin(held: readonly Held[]): void {
    begunAtMs = clock.steadyMs();
    life = startLife({
      startProcess: parts.startProcess ?? fork,
      start: { folder, clock: parts.clockParameters, targets: targets ?? [], held },
      answer,
      hear,
      onLost(count) {
        onTrouble("apps could not follow the home; what is more was left out, and they are told how all stands now", {
          changes: String(count),
        });
        parts.onIgnorant();
      },
      onLine: parts.onLine,
      onEnd: ended,
    });
  }

  function answer(name: string, input: unknown): unknown {
    const [part, method] = name.split(".") as [string, string];
    const { args, runId } = input as Asked;
    const work = (): unknown => (served[part] as Record<string, (...args: readonly unknown[]) => unknown>)[method]!(...args);
    return runId === undefined ? work() : withinRun(runId, work);
  }

  function hear(told: FromApps): void {
    if (told.news === "taken") life?.feed.taken();
    else if (told.news === "standing") stand(told.apps);
    else if (told.news === "subscribe") parts.onType(told.type);
    else if (told.news === "trouble") onTrouble(told.words, told.fields);
    else if (told.runId === undefined) report(told);
    else withinRun(told.runId, () => report(told));
  }

  function report({ report: name, args }: FromApps & { readonly news: "report" }): void {
    if (name === "findings") parts.onFindings(args[0] as readonly string[]);
    else (parts.reports[name] as (...args: readonly unknown[]) => void)(...args);
  }

  function stand(apps: readonly AppStatus[]): void {
    // Of one that was taken away while there was no process, nobody else would say that nothing is wrong with it any more.
    for (const { name } of standing) if (!apps.some((app) => app.name === name)) parts.reports.recovered(name);
    standing = apps;
  }

  function ended(end: LifeEnd): void {
    const lived = clock.steadyMs() - begunAtMs;
    life = null;
    if (isStopped) return;
    endsInARow = lived > STEADY_MS ? 1 : endsInARow + 1;
    const savedMs = newestChangeMs(folder);
    const held = suspects.ended(end.atWork, `it was at work when the process of all apps ended: ${end.words}`, clock.nowMs(), savedMs);
    // Whoever is known comes back later; where nobody is, all do.
    const againInMs = end.atWork.length > 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (endsInARow - 1));
    parts.onDown({ ...end, againInMs });
    for (const { name } of standing) parts.reports.caughtUp(name); // nobody is behind with what nobody tells him
    standing = standing.map((app) => ({ ...app, state: "waiting", lastFault: `the process of all apps ended: ${end.words}` }));
    void beginAgain(held, { words: end.words, savedMs, pauseMs: againInMs });
  }

  async function beginAgain(
    held: readonly Held[],
    { words, savedMs, pauseMs }: { readonly words: string; readonly savedMs: number; readonly pauseMs: number },
  ): Promise<void> {
    await cutOff(`the process of the apps ended: ${words}`);
    const sinceMs = clock.steadyMs();
    const goneMs = (): number => clock.steadyMs() - sinceMs;
    while (!isStopped && goneMs() < pauseMs && newestChangeMs(folder) === savedMs) {
      await clock.sleepUntil(clock.nowMs() + Math.min(SAVED_MS, pauseMs - goneMs()), waiting.signal).catch(() => undefined);
    }
    if (isStopped) return;
    begin(held.map((each) => ({ ...each, forMs: Math.max(0, each.forMs - goneMs()) })));
    if (life === null) return; // its end is told, and it is tried again
    parts.onDown(null);
    parts.onIgnorant();
  }

  async function cutOff(words: string): Promise<void> {
    await receipts
      .cutOff(Math.floor(clock.nowMs()), words)
      .catch((error: unknown) => onTrouble("a receipt could not be written", { reason: reasonOf(error) }));
  }

  const stopLooking = watchLife(clock, () => life, onTrouble);
  begin([]);

  return {
    heard: (change) => life?.feed.heard(change),
    asking: () => life?.feed.asking(),
    all: (states) => life?.feed.all(states),
    event: (event) => life?.feed.event(event),
    place: (place) => life?.feed.place(place),
    computed: (job) => life?.feed.computed(job),
    async status() {
      const answered = life?.channel.call("status", null).catch(() => null) as Promise<readonly AppStatus[] | null> | undefined;
      const late = new AbortController();
      const limit = clock.sleepUntil(clock.nowMs() + STATUS_MS, late.signal).catch(() => undefined);
      const now = await Promise.race([answered, limit]);
      late.abort();
      return now ?? standing;
    },
    async stop() {
      isStopped = true;
      stopLooking();
      waiting.abort();
      await life?.stop(STOP_MS);
      await cutOff("the app is stopping");
    },
  };
}

/** Ends a process that neither reads nor answers. Counted in looks, so that a sleeping machine is none. */
function watchLife(clock: Clock, current: () => Life | null, onTrouble: AppsProcessParts["onTrouble"]): () => void {
  let watched: Life | null = null;
  let takes = 0;
  let still = 0;
  let isAsked = false;
  return clock.timer(LOOK_MS, () => {
    const life = current();
    const progress = life?.feed.progress();
    const isStill = life !== null && life === watched && isAsked && progress!.takes === takes;
    still = isStill ? still + 1 : 0;
    [watched, takes] = [life, progress?.takes ?? 0];
    if (life === null) return;
    if (!isStill) {
      isAsked = true;
      void life.channel.call("ping", null).then(
        () => {
          if (watched === life) isAsked = false;
        },
        () => undefined,
      );
    }
    if (still < PATIENCE_LOOKS) return;
    [still, isAsked] = [0, false];
    onTrouble("the process of the apps does not answer; it is ended", {});
    life.kill("it did not answer");
  });
}
