import type { Clock, ClockParameters } from "../../../core/clock.ts";
import { reasonOf } from "../../../core/reason.ts";
import type { AppReports, Held } from "../app-lane.ts";
import { type Apps, createApps } from "../apps.ts";
import { createLiveAgenda } from "../home/agenda.ts";
import { newsAmong } from "../home/habit-change.ts";
import { createHeard } from "../home/heard.ts";
import { createOwnSensors } from "../home/own-sensors.ts";
import type { HeardState } from "../home/states.ts";
import type { AppPorts, HomeCalls } from "../ports.ts";
import type { WorkPlaces } from "./at-work.ts";
import type { Hearer } from "./hear.ts";

export interface LiveAppsParts extends Pick<AppPorts, "home" | "findings" | "store" | "receipts"> {
  readonly folder: string;
  readonly clock: Clock;
  readonly clockParameters: ClockParameters;
  readonly held: readonly Held[];
  readonly workPlaces: WorkPlaces;
  readonly reports: AppReports;
  readonly onFindings: (findings: readonly string[]) => void;
  /** A type of event is listened to for the first time. */
  readonly onType: (type: string) => void;
  /** What could not be done for the apps. */
  readonly onTrouble: (words: string, fields: Readonly<Record<string, string>>) => void;
}

/** The apps of a folder in a living home: they start once all its states and its place are known. */
export interface LiveApps extends Pick<Apps, "status" | "hasRead" | "stop"> {
  readonly hearer: Hearer;
}

export function createLiveApps(parts: LiveAppsParts): LiveApps {
  const { clock, findings, home, onTrouble } = parts;
  const agenda = createLiveAgenda(clock);
  const heard = createHeard({ agenda, clock }, { timeZone: "UTC" }, parts.onType);
  const { states, stateListeners, eventListeners, learned, places } = heard;
  let knowsStates = false;
  let knowsPlace = false;
  let isStarted = false;
  let isStopped = false;
  let reportedToMs = clock.nowMs();

  const ownSensors = createOwnSensors({
    put: home.setState,
    states,
    store: parts.store,
    agenda,
    isThere: (app) => !isStarted || apps.status().some((each) => each.name === app),
    onError: (entityId, error) => onTrouble("a sensor of an app's was not set again", { entityId, reason: reasonOf(error) }),
  });
  const loaded = ownSensors.load().catch(trouble);
  const setState: HomeCalls["setState"] = async (entityId, state, attributes) => {
    await home.setState(entityId, state, attributes);
    ownSensors.set(entityId, { state, attributes });
  };
  const ports: AppPorts = {
    clock,
    agenda,
    ...heard,
    home: { ...home, setState },
    findings,
    store: parts.store,
    receipts: parts.receipts,
  };
  const apps = createApps({ ...parts, ports });

  function trouble(error: unknown): void {
    if (!isStopped) onTrouble("apps", { reason: reasonOf(error) });
  }

  function begin(): void {
    if (isStarted || isStopped || !knowsStates || !knowsPlace) return;
    isStarted = true;
    apps.start().catch(trouble);
  }

  /** At a connection: what changed while nobody listened is told, too. */
  function heardAll(now: readonly HeardState[]): void {
    for (const step of states.compare(ownSensors.restore(now))) stateListeners.heard(step);
    knowsStates = true;
    begin();
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

  return {
    hearer: {
      heard: (change) => stateListeners.heard(states.note(change)),
      asking: () => states.asking(),
      all: (now) => void loaded.then(() => heardAll(now)),
      event: eventListeners.heard,
      place(place) {
        places.told(place);
        knowsPlace = true;
        begin();
      },
      computed(job) {
        if (!isStarted || isStopped) return;
        if (job === "features" || job === "train") tellPredictions().catch(trouble);
        if (job === "changes") tellChanges().catch(trouble);
      },
      attributesOf: (entityId) => states.get(entityId)?.attributes ?? {},
    },
    status: apps.status,
    hasRead: apps.hasRead,
    async stop() {
      isStopped = true;
      await apps.stop();
      await ownSensors.keep();
      agenda.stop();
    },
  };
}
