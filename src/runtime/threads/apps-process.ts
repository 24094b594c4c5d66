import { writeFileSync } from "node:fs";
import type { AppReports } from "../apps/app-lane.ts";
import type { Findings } from "../apps/ports.ts";
import { AT_WORK_FD, createWorkPlaces } from "../apps/process/at-work.ts";
import { openChannel } from "../apps/process/channel.ts";
import { hearNews } from "../apps/process/hear.ts";
import { createLiveApps, type LiveApps, type LiveAppsParts } from "../apps/process/live-apps.ts";
import type { Asked, FromApps, ProcessStart, ToApps } from "../apps/process/protocol.ts";
import { createClock } from "../clock.ts";
import { currentRunId } from "../run-context.ts";

/**
 * The process of the user's apps: their threads, and all that listens, waits or is due for them. What V8 or the system ends it for costs the apps a
 * start, and nothing else of the program.
 */

/** How often it looks whether one stands otherwise than before. */
const LOOK_MS = 1000;

// A terminal tells all of its processes; when this one has to end is the program's word.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
// Without the program nobody hears what apps do. At once where it went without a word: an app in an endless loop cannot be waited for.
process.on("disconnect", () => (isStopped ? process.exit(0) : process.kill(process.pid, "SIGKILL")));
goFirst();

let apps: LiveApps | null = null;
let stood = "";
let isStopped = false;

const channel = openChannel<ToApps, FromApps>(
  {
    on: (event, listener) => process.on(event, listener),
    // Nothing is said any more to a program that has gone.
    postMessage: (message) => void (process.connected && process.send?.(message as object, () => undefined)),
  },
  {
    answer(name, input) {
      if (name === "start") return start(input as ProcessStart);
      if (name === "ping") return null;
      if (name === "status") return apps?.status() ?? [];
      if (name === "stop") return stop();
      throw new Error(`The apps' process knows no ${name}.`);
    },
    hear({ news }) {
      if (apps !== null) hearNews(news, apps.hearer);
      channel.tell({ news: "taken" });
    },
  },
);

function start({ folder, clock, targets, held, hasPage }: ProcessStart): void {
  const findings = served<Omit<Findings, "targets">>("findings", ["probability", "changes"]);
  const report =
    <N extends keyof AppReports | "findings">(name: N) =>
    (...args: readonly unknown[]): void =>
      channel.tell({ news: "report", report: name, args, runId: currentRunId() });
  apps = createLiveApps({
    folder,
    clock: createClock(clock),
    clockParameters: clock,
    held,
    workPlaces: createWorkPlaces(hasPage ? AT_WORK_FD : null),
    home: served("home", ["callService", "fireEvent", "setState", "history"]),
    findings: { targets, ...findings },
    store: served("store", ["get", "set", "delete", "keys"]),
    receipts: served("receipts", ["ledgerOf", "knownSinceMs", "beginRun", "noteRuns", "putReceipt"]),
    reports: {
      log: report("log"),
      failed: report("failed"),
      recovered: report("recovered"),
      behind: report("behind"),
      caughtUp: report("caughtUp"),
    },
    onFindings: report("findings"),
    onType: (type) => channel.tell({ news: "subscribe", type }),
    onTrouble: (words, fields) => channel.tell({ news: "trouble", words, fields }),
  } satisfies LiveAppsParts);
  setInterval(sayHowTheyStand, LOOK_MS);
}

async function stop(): Promise<void> {
  await apps?.stop();
  isStopped = true;
}

/** A part of the program's, asked over there. */
function served<T>(part: string, methods: readonly (keyof T & string)[]): T {
  const ask = (method: string) => [
    method,
    (...args: readonly unknown[]) => channel.call(`${part}.${method}`, { args, runId: currentRunId() } satisfies Asked),
  ];
  return Object.fromEntries(methods.map(ask)) as T;
}

function sayHowTheyStand(): void {
  if (!apps!.hasRead()) return;
  const standing = apps!.status();
  // Calls are counted all the time, which is no news.
  const stands = JSON.stringify(standing.map(({ name, state, restarts, lastFault }) => [name, state, restarts, lastFault]));
  if (stands === stood) return;
  stood = stands;
  channel.tell({ news: "standing", apps: standing });
}

/** Where memory runs out, Linux ends this process first, and not the one that writes the database. */
function goFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "500");
  } catch {
    // Another system, or a container that forbids it.
  }
}
