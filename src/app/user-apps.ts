import { existsSync } from "node:fs";
import { join } from "node:path";
import { createLiveAgenda } from "../runtime/apps/agenda.ts";
import type { AppStatus } from "../runtime/apps/app-lane.ts";
import { createApps } from "../runtime/apps/apps.ts";
import { APPS_FILE } from "../runtime/apps/apps-yaml.ts";
import { createEventListeners, type HeardEvent } from "../runtime/apps/event-listeners.ts";
import { newsAmong } from "../runtime/apps/habit-change.ts";
import { createLearned } from "../runtime/apps/learned.ts";
import { createOwnSensors } from "../runtime/apps/own-sensors.ts";
import { createPlaces } from "../runtime/apps/places.ts";
import type { AppPorts, HomeCalls } from "../runtime/apps/ports.ts";
import { createStateListeners } from "../runtime/apps/state-listeners.ts";
import { createStates, type HeardState } from "../runtime/apps/states.ts";
import { appHome } from "./app-home.ts";
import { appReports } from "./app-reports.ts";
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
  status(): readonly AppStatus[];
  /** A job that computes what apps may wait for has ended. */
  computed(job: string): void;
  stop(): Promise<void>;
}

/** How often the folder is looked for while it is not there. */
const LOOK_MS = 5_000;

/** Costs nothing until there is an apps.yaml; then every entity's newest state is kept, and apps start once all are known. */
export function startUserApps(parts: UserAppsParts): UserApps {
  const { clock, config, database, listening, log } = parts;
  const agenda = createLiveAgenda(clock);
  const states = createStates();
  const stateListeners = createStateListeners(states, agenda, clock.nowMs);
  const learned = createLearned();
  const eventListeners = createEventListeners((type) => subscribe(type));
  const findings = findingsOf(
    database,
    clock,
    config.options.targets.map((target) => target.name),
  );
  const places = createPlaces({ timeZone: "UTC" });
  const home = appHome(listening.home);
  let isAwake = false;
  let isStarted = false;
  let isStopped = false;
  let reportedToMs = clock.nowMs();

  const ownSensors = createOwnSensors({
    put: home.setState,
    states,
    isThere: (app) => !isStarted || apps.status().some((each) => each.name === app),
    onError: (entityId, error) => log.warn("a sensor of an app's was not set again", { entityId, reason: reasonOf(error) }),
  });
  const setState: HomeCalls["setState"] = async (entityId, state, attributes) => {
    await home.setState(entityId, state, attributes);
    ownSensors.set(entityId, { state, attributes });
  };
  const ports: AppPorts = {
    clock,
    agenda,
    states,
    stateListeners,
    eventListeners,
    learned,
    home: { ...home, setState },
    findings,
    store: storeOf(database, clock),
    receipts: receiptsOf(database, clock),
    places,
  };
  const apps = createApps({
    folder: config.appsFolder,
    ports,
    clock,
    clockParameters: parts.clockParameters,
    ...appReports(parts, config.appsFolder),
  });

  function trouble(error: unknown): void {
    if (!isStopped) log.warn("apps", { reason: reasonOf(error) });
  }

  function heard(change: HeardState): void {
    if (!isAwake) return;
    stateListeners.heard(states.note(change));
  }

  /** At a connection: what changed while nobody listened is told, too. */
  function heardAll(all: readonly HeardState[]): void {
    if (!isAwake) return;
    for (const step of states.compare(ownSensors.restore(all))) stateListeners.heard(step);
    void begin().catch(trouble);
  }

  async function begin(): Promise<void> {
    if (isStarted || isStopped) return;
    await lookWhere((await listening.home.config()).timeZone);
    if (isStarted || isStopped) return;
    isStarted = true;
    await apps.start();
  }

  async function lookWhere(toldZone: string): Promise<void> {
    places.told(await readPlace(database.reads, config.options.time_zone ?? toldZone));
  }

  function subscribe(type: string): void {
    const tell = (event: { readonly type: string; readonly data: Readonly<Record<string, unknown>>; readonly firedUs: number }): void =>
      eventListeners.heard({ type: event.type, data: event.data as HeardEvent["data"], atMs: event.firedUs / 1000 });
    listening.home.subscribeEvents(type, tell).catch(trouble);
  }

  function wake(): void {
    if (isAwake || !existsSync(join(config.appsFolder, APPS_FILE))) return;
    isAwake = true;
    stopLooking();
    states.asking();
    // Without a connection they come with the next one.
    listening.home.states().then(heardAll, () => undefined);
  }

  async function tellPredictions(): Promise<void> {
    for (const target of learned.targets()) {
      const probability = await findings.probability(target);
      if (probability !== null) learned.predicted(probability);
    }
  }

  async function tellChanges(): Promise<void> {
    const changes = await findings.changes(null);
    for (const change of newsAmong(changes, reportedToMs)) learned.reported(change);
    reportedToMs = Math.max(reportedToMs, ...changes.map((change) => change.detectedAtMs));
  }

  listening.onState(heard, heardAll);
  listening.onZone((timeZone) => lookWhere(timeZone).catch(trouble));
  listening.onListening(() => {
    states.asking();
    for (const type of eventListeners.types()) subscribe(type);
  });
  // What the run before said of its apps: they are judged anew.
  database.writer.write("clearDegraded", { code: "app_*" }).catch(trouble);
  const stopLooking = clock.timer(LOOK_MS, wake);
  wake();

  return {
    status: () => apps.status(),
    computed(job) {
      if (!isStarted || isStopped) return;
      if (job === "features" || job === "train") void tellPredictions().catch(trouble);
      if (job === "changes") void tellChanges().catch(trouble);
    },
    async stop() {
      isStopped = true;
      stopLooking();
      await apps.stop();
      agenda.stop();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
