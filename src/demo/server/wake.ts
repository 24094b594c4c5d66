import { createHash, randomBytes } from "node:crypto";
import { createHomeClock, systemNowMs } from "../clock.ts";
import { createCalendar } from "../home/calendar.ts";
import { ENTITIES, UNRECORDED } from "../home/catalogue.ts";
import { createHome, type SimulatedHome } from "../home/home.ts";
import { createBus } from "./bus.ts";
import { createLife } from "./life.ts";
import { stateChangedMessage, stateMessage } from "./messages.ts";
import { createRegistries } from "./registries.ts";
import { homeConfig, type RunningHome } from "./running-home.ts";
import { readSavedLife, type SavedLife, writeSavedLife } from "./saved-life.ts";

export interface WakeOptions {
  /** Where the home keeps its file; without one nothing is kept. */
  readonly folder?: string;
  readonly seed?: number;
  /** Whole weeks of past at the first start. */
  readonly weeks?: number;
  readonly timeZone?: string;
  /** The home's time at the first start; default the system's. */
  readonly nowMs?: number;
  /** Seconds of the home's time in a second; 1 outside of tests. */
  readonly speed?: number;
  readonly token?: string;
}

export interface AwakeHome {
  readonly simulated: SimulatedHome;
  readonly running: RunningHome;
  readonly token: string;
  readonly weeks: number;
}

const WEEK_DAYS = 7;

/** Brings a home up to its present: the saved one of the folder, or a new one. `isRunning` says whether it has finished starting. */
export function wakeHome(options: WakeOptions, isRunning: () => boolean): AwakeHome {
  const { folder } = options;
  const saved = (folder === undefined ? null : readSavedLife(folder)) ?? newLife(options);
  const { seed, bornMs, timeZone, token, weeks } = saved;
  const simulated = createHome({ seed, bornMs, pastDays: weeks * WEEK_DAYS, timeZone });
  const clock = createHomeClock(saved.instantMs, options.speed ?? 1);
  const bus = createBus();
  const life = createLife(simulated, clock, saved.deeds, (change) => bus.fire(stateChangedMessage(change)));
  const helpers = [...saved.helpers];
  const { latitude, longitude } = simulated.place;
  const running: RunningHome = {
    calendar: simulated.calendar,
    clock,
    life,
    bus,
    helpers,
    registries: createRegistries(ENTITIES, bornMs, () => helpers),
    userId: createHash("md5").update(token).digest("hex"),
    config: () => homeConfig(timeZone, latitude, longitude, isRunning() ? "RUNNING" : "STARTING"),
    states: () => {
      life.advance();
      return life.recorder.all().map(stateMessage);
    },
    unrecordedOf: (entityId) => UNRECORDED[entityId.slice(0, entityId.indexOf("."))] ?? [],
    save: () => {
      if (folder !== undefined) writeSavedLife(folder, { ...saved, instantMs: clock.nowMs(), helpers, deeds: [...life.deeds()] });
    },
  };
  return { simulated, running, token, weeks };
}

/** A home whose past ends now. It begins at a local midnight, so its past is up to a day longer than asked for. */
function newLife(options: WakeOptions): SavedLife {
  const { seed = 1, weeks = 8, timeZone = "Europe/Amsterdam", nowMs = systemNowMs() } = options;
  const calendar = createCalendar(timeZone);
  return {
    version: 1,
    seed,
    weeks,
    timeZone,
    bornMs: calendar.startMs(calendar.dayOf(nowMs) - weeks * WEEK_DAYS),
    token: options.token ?? randomBytes(24).toString("base64url"),
    instantMs: nowMs,
    helpers: [],
    deeds: [],
  };
}
