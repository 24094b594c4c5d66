import { existsSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../core/reason.ts";
import { HomeError } from "../hass/failure.ts";
import type { AppStatus } from "../runtime/apps/app-lane.ts";
import { APPS_FILE } from "../runtime/apps/folder/apps-yaml.ts";
import type { HeardEvent } from "../runtime/apps/home/event-listeners.ts";
import type { AppsProcess, Down } from "../runtime/apps/process/apps-process.ts";
import { createAppEvents } from "./app-events.ts";
import { appHome } from "./app-home.ts";
import { appReports } from "./app-reports.ts";
import { createAppStates } from "./app-states.ts";
import { findingsOf, receiptsOf, storeOf } from "./app-store.ts";
import type { OpenDatabase } from "./database.ts";
import { readPlace } from "./home-place.ts";
import type { Listening } from "./listening.ts";
import type { Markers } from "./markers.ts";
import type { AppParts } from "./parts.ts";

export interface UserAppsParts extends AppParts {
  readonly database: OpenDatabase;
  readonly markers: Markers;
  readonly listening: Listening;
}

/** The apps that the user wrote, joined to the home and to what was learned. */
export interface UserApps {
  status(): Promise<readonly AppStatus[]>;
  /** A job that computes what apps may wait for has ended. */
  computed(job: string): void;
  stop(): Promise<void>;
}

/** How often the folder is looked for while it is not there. */
const LOOK_MS = 5_000;

/** Costs nothing until there is an apps.yaml; then apps have a process of their own, which is told what the home does. */
export function startUserApps(parts: UserAppsParts): UserApps {
  const { clock, config, database, listening, log } = parts;
  let apps: AppsProcess | null = null;
  let isWaking = false;
  const stopping = new AbortController();
  const states = createAppStates({
    clock,
    home: listening.home,
    apps: () => apps,
    tellPlace: lookWhere,
    onTrouble: trouble,
    signal: stopping.signal,
  });
  const events = createAppEvents({
    clock,
    home: listening.home,
    tell: ({ type, data, firedUs }) => apps?.event({ type, data: data as HeardEvent["data"], atMs: firedUs / 1000 }),
    onTrouble: trouble,
    signal: stopping.signal,
  });

  function trouble(error: unknown): void {
    // That there is no connection is told by whoever listens.
    const isNews = !(error instanceof HomeError && error.reason === "not connected");
    if (isNews && !stopping.signal.aborted) log.warn("apps", { reason: reasonOf(error) });
  }

  async function wake(): Promise<void> {
    if (isWaking || !existsSync(join(config.appsFolder, APPS_FILE))) return;
    isWaking = true;
    // Loaded when it is wanted: most homes have no apps. What cannot be loaded is tried again at the next look.
    const { startAppsProcess } = await import("../runtime/apps/process/apps-process.ts").catch((error: unknown) => {
      isWaking = false;
      throw error;
    });
    stopLooking();
    if (stopping.signal.aborted) return;
    apps = startAppsProcess({
      folder: config.appsFolder,
      clock,
      clockParameters: parts.clockParameters,
      home: appHome(listening.home),
      findings: findingsOf(
        database,
        clock,
        config.options.targets.map((target) => target.name),
      ),
      store: storeOf(database, clock),
      receipts: receiptsOf(database, clock),
      ...appReports(parts, config.appsFolder),
      onType: events.want,
      onTrouble: (words, fields) => (stopping.signal.aborted ? undefined : log.warn(words, fields)),
      onLine: (line) => log.info("written by an app past its log", { line }),
      onDown: (down) => void tellDown(down).catch(trouble),
      onIgnorant: states.ask,
    });
    states.ask();
  }

  async function tellDown(down: Down | null): Promise<void> {
    if (stopping.signal.aborted) return;
    if (down === null) return parts.markers.clear("apps_ended");
    const { words, atWork, againInMs } = down;
    const who = atWork.length === 0 ? "No app is known to have been at work then" : `At work was ${atWork.join(", ")}`;
    await parts.markers.mark({
      code: "apps_ended",
      cause: `The process of the apps ended: ${words}. ${who}.`,
      effect: "Until it is started again no app of yours runs. The data and the models are not touched by it.",
      remedy: `It is started again in ${Math.ceil(againInMs / 1000)} s, or as soon as a file of the apps folder is saved. Look whether an app takes much memory at once.`,
    });
  }

  async function lookWhere(toldZone: string): Promise<void> {
    apps?.place(await readPlace(database.reads, config.options.time_zone ?? toldZone));
  }

  listening.onState(
    (change) => apps?.heard(change),
    (all) => (apps === null ? undefined : states.heard(all)),
  );
  listening.onZone((timeZone) => lookWhere(timeZone).catch(trouble));
  listening.onListening(() => {
    apps?.asking();
    events.listening();
  });
  // What the run before said of its apps: they are judged anew.
  database.writer.write("clearDegraded", { code: "app_*" }).catch(trouble);
  // No process has ended yet, and a folder without an apps.yaml is never read.
  for (const code of ["apps_ended", "apps_file_wrong"]) void parts.markers.clear(code);
  const look = (): void => void wake().catch(trouble);
  const stopLooking = clock.timer(LOOK_MS, look);
  look();

  return {
    status: async () => apps?.status() ?? [],
    computed: (job) => apps?.computed(job),
    async stop() {
      stopping.abort();
      stopLooking();
      await apps?.stop();
    },
  };
}
