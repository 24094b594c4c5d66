import { appOf, isMadeByApps } from "../../../core/events/entity.ts";
import type { Json } from "../../../kit/contract.ts";
import type { HomeCalls } from "../ports.ts";
import type { HeardState, States } from "./states.ts";

interface OwnSensor {
  readonly state: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** The sensors that apps made, as they set them last. Home Assistant forgets them when it restarts. */
export interface OwnSensors {
  set(entityId: string, sensor: OwnSensor): void;
  /**
   * At a connection: learns what apps made in a run before, and sets again what is missing. Returns all states as they are then, so that nobody
   * hears of the gap.
   */
  restore(all: readonly HeardState[]): readonly HeardState[];
}

export interface OwnSensorsParts {
  readonly put: HomeCalls["setState"];
  readonly states: Pick<States, "get">;
  /** Sensors of an app that is gone are let go. */
  readonly isThere: (app: string) => boolean;
  readonly onError: (entityId: string, error: unknown) => void;
}

export function createOwnSensors({ put, states, isThere, onError }: OwnSensorsParts): OwnSensors {
  const sensors = new Map<string, OwnSensor>();

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
    set: (entityId, sensor) => void sensors.set(entityId, sensor),
    restore(all) {
      learn(all);
      const present = new Set(all.map((state) => state.entityId));
      const missing: HeardState[] = [];
      for (const [entityId, sensor] of sensors) {
        if (!isThere(appOf(sensor.attributes))) sensors.delete(entityId);
        else if (!present.has(entityId)) missing.push(...again(entityId, sensor));
      }
      return [...all, ...missing];
    },
  };
}
