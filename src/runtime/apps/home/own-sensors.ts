import { appOf, isMadeByApps } from "../../../core/events/entity.ts";
import type { Json } from "../../../kit/contract.ts";
import type { AppStore, HomeCalls } from "../ports.ts";
import type { Agenda } from "./agenda.ts";
import type { HeardState, States } from "./states.ts";

interface OwnSensor {
  readonly state: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** The sensors that apps made, as they set them last. Home Assistant forgets them when it restarts, so they are kept here, and in the file for a start of both. */
export interface OwnSensors {
  /** Reads what the run before kept. */
  load(): Promise<void>;
  set(entityId: string, sensor: OwnSensor): void;
  /** Keeps what was set since the last time. */
  keep(): Promise<void>;
  /**
   * At a connection: learns what apps made in a run before, and sets again what is missing. Returns all states as they are then, so that nobody
   * hears of the gap.
   */
  restore(all: readonly HeardState[]): readonly HeardState[];
}

export interface OwnSensorsParts {
  readonly put: HomeCalls["setState"];
  readonly states: Pick<States, "get">;
  readonly store: AppStore;
  readonly agenda: Pick<Agenda, "after">;
  /** Sensors of an app that is gone are let go. */
  readonly isThere: (app: string) => boolean;
  readonly onError: (entityId: string, error: unknown) => void;
}

/** No app can have this name. */
const OWNER = "sensors of apps";
/** An app may set one each second, and each row that is written wears out an SD card. */
const KEPT_AFTER_MS = 60_000;

export function createOwnSensors({ put, states, store, agenda, isThere, onError }: OwnSensorsParts): OwnSensors {
  const sensors = new Map<string, OwnSensor>();
  const changed = new Set<string>();
  let stopWaiting: (() => void) | null = null;

  function change(entityId: string): void {
    changed.add(entityId);
    stopWaiting ??= agenda.after(KEPT_AFTER_MS, () => void keep());
  }

  async function keep(): Promise<void> {
    stopWaiting?.();
    stopWaiting = null;
    const now = [...changed];
    changed.clear();
    for (const entityId of now) {
      const sensor = sensors.get(entityId);
      const kept = sensor === undefined ? store.delete(OWNER, entityId) : store.set(OWNER, entityId, JSON.stringify(sensor));
      await kept.catch((error: unknown) => onError(entityId, error));
    }
  }

  function learn(all: readonly HeardState[]): void {
    for (const { entityId, state, attributes } of all) {
      if (!isMadeByApps(attributes) || sensors.has(entityId)) continue;
      sensors.set(entityId, { state, attributes: attributes as OwnSensor["attributes"] });
    }
  }

  function again(entityId: string, { state, attributes }: OwnSensor): HeardState[] {
    put(entityId, state, attributes).catch((error: unknown) => onError(entityId, error));
    const known = states.get(entityId);
    if (known === null) return [];
    return [{ entityId, state, attributes, changedUs: known.changedAtMs * 1000, updatedUs: known.updatedAtMs * 1000 }];
  }

  return {
    async load() {
      for (const entityId of await store.keys(OWNER)) {
        const kept = await store.get(OWNER, entityId);
        if (kept !== null && !sensors.has(entityId)) sensors.set(entityId, JSON.parse(kept) as OwnSensor);
      }
    },
    set(entityId, sensor) {
      sensors.set(entityId, sensor);
      change(entityId);
    },
    keep,
    restore(all) {
      learn(all);
      const present = new Set(all.map((state) => state.entityId));
      const missing: HeardState[] = [];
      for (const [entityId, sensor] of sensors) {
        if (!isThere(appOf(sensor.attributes))) {
          sensors.delete(entityId);
          change(entityId);
        } else if (!present.has(entityId)) missing.push(...again(entityId, sensor));
      }
      return [...all, ...missing];
    },
  };
}
