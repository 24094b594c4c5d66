import { optionsSchema } from "../src/config/options.ts";
import { domainOf } from "../src/core/events/entity.ts";
import type { StateEvent } from "../src/core/events/event.ts";
import { isoMs } from "../src/core/time.ts";
import { ENTITIES } from "../src/demo/home/catalogue.ts";
import type { HomeEvent } from "../src/demo/home/day-log.ts";
import type { StageOptions } from "../src/flow/stage.ts";
import { GRID_MS, stageOptions } from "../src/runtime/stage-options.ts";
import { type Db, openForWriting } from "../src/store/db.ts";
import { inlineWriter } from "../src/store/inline-writer.ts";
import { migrate } from "../src/store/migrate.ts";
import type { Writer } from "../src/store/writer.ts";

/** A simulated home that the stages work on, without the app around them. */

export const ZONE = "Europe/Amsterdam";
export const ANCHOR_HOUR = 12;
/** A local midnight. */
export const FIRST_DAY_MS = Date.UTC(2026, 0, 4, 23);

export async function foundHome(dbPath: string): Promise<{ readonly db: Db; readonly writer: Writer; readonly options: StageOptions }> {
  const db = openForWriting(dbPath);
  migrate(db, FIRST_DAY_MS);
  const writer = inlineWriter(db);
  const options = stageOptions(optionsSchema.parse({}), ZONE);
  await writer.write("setMetadata", {
    grid_ms: String(GRID_MS),
    time_zone: ZONE,
    anchor_hour: String(ANCHOR_HOUR),
    data_began_at: isoMs(FIRST_DAY_MS),
  });
  await writer.write("putTargets", { targets: options.targets, nowMs: FIRST_DAY_MS });
  await writer.write("putEntityFacts", { facts: FACTS, nowMs: FIRST_DAY_MS });
  return { db, writer, options };
}

/** The changes of state among what a home reports, as they arrive live. */
export function changesOf(reported: readonly HomeEvent[]): StateEvent[] {
  const last = new Map<string, string>();
  return reported.flatMap(({ entityId, state, atUs }): StateEvent[] => {
    if (last.get(entityId) === state) return [];
    last.set(entityId, state);
    return [{ entityId, state, updatedUs: atUs, knownAtMs: atUs / 1000 + 40, source: "live" }];
  });
}

const FACTS = ENTITIES.map(({ entityId, name, area, device, attributes, platform }) => ({
  entityId,
  domain: domainOf(entityId),
  deviceClass: textOf(attributes["device_class"]),
  unit: textOf(attributes["unit_of_measurement"]),
  area: area ?? device,
  name,
  platform,
  kind: null,
}));

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
