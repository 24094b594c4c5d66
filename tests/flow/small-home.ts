import { onTestFinished } from "vitest";
import type { EntityFacts } from "../../src/core/events/entity.ts";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { Label } from "../../src/core/labels/label.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import type { StageContext } from "../../src/flow/stage.ts";
import { createJumpingClock, type JumpingClock } from "../../src/runtime/clock.ts";
import { type Db, openForReading } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import type { Writer } from "../../src/store/writer.ts";
import { bytesOf, temporaryDatabase } from "../helpers/database.ts";
import { GRID_MS, OPTIONS } from "./small-home-options.ts";

export { GRID_MS, OPTIONS } from "./small-home-options.ts";

/** Noon in UTC, where an anchor day turns. */
export const START = Date.UTC(2026, 0, 5, 12);
const FACTS: readonly EntityFacts[] = [
  ["binary_sensor.hall_motion", "motion", "Hall"],
  ["binary_sensor.bed", "occupancy", "Bedroom"],
  ["binary_sensor.front_door", "door", "Hall"],
  ["sensor.bedroom_temperature", "temperature", "Bedroom"],
].map(([entityId, deviceClass, area]) => ({
  entityId: entityId!,
  domain: entityId!.split(".")[0]!,
  deviceClass: deviceClass!,
  unit: deviceClass === "temperature" ? "°C" : null,
  area: area!,
  name: null,
  platform: null,
  kind: null,
}));

export interface SmallHome {
  readonly db: Db;
  readonly reader: Db;
  readonly writer: Writer;
  readonly clock: JumpingClock;
  readonly context: StageContext;
}

/** A migrated database with a target and four entities, and a clock that stands at START. */
export async function smallHome(): Promise<SmallHome> {
  const home = homeOf(temporaryDatabase(START), START);
  const { writer } = home;
  await writer.write("setMetadata", { grid_ms: String(GRID_MS), time_zone: "UTC", anchor_hour: "12" });
  await writer.write("putTargets", { targets: OPTIONS.targets, nowMs: START });
  await writer.write("putEntityFacts", { facts: FACTS, nowMs: START });
  return home;
}

function homeOf(db: Db, nowMs: number): SmallHome {
  const reader = openForReading(db.path);
  onTestFinished(() => reader.close());
  const writer = inlineWriter(db);
  const clock = createJumpingClock(nowMs);
  return { db, reader, writer, clock, context: { reader, writer, clock, options: OPTIONS, isCancelled: () => false } };
}

const kept = new Map<string, { readonly bytes: Buffer; readonly nowMs: number }>();

/** A home that lived what `live` says, once for all tests of a file that name it so: each gets a copy of its database, and its clock. */
export async function keptHome(name: string, live: (home: SmallHome) => Promise<void>): Promise<SmallHome> {
  const known = kept.get(name);
  if (known !== undefined) return homeOf(temporaryDatabase(START, known.bytes), known.nowMs);
  const home = await smallHome();
  await live(home);
  kept.set(name, { bytes: bytesOf(home.db), nowMs: home.clock.nowMs() });
  return home;
}

/** A person who sleeps from about 23 to about 7: bed on, no motion; by day motion every few minutes. Deterministic. */
export function eventsOfDays(days: number): StateEvent[] {
  const events: StateEvent[] = [];
  const add = (entityId: string, atMs: number, state: string): void => {
    events.push({ entityId, state, updatedUs: Math.round(atMs * 1000), knownAtMs: null, source: "history" });
  };
  for (let day = 0; day < days; day += 1) {
    const noon = START + day * DAY_MS;
    const bedAt = noon + 11 * HOUR_MS + ((day * 17) % 40) * MINUTE_MS;
    const upAt = noon + 19 * HOUR_MS + ((day * 29) % 50) * MINUTE_MS;
    for (let at = noon, k = day; at < noon + DAY_MS; at += (4 + ((k * 7) % 9)) * MINUTE_MS, k += 1) {
      if (at > bedAt - 5 * MINUTE_MS && at < upAt) continue;
      add("binary_sensor.hall_motion", at + 11, "on");
      add("binary_sensor.hall_motion", at + 90_000, "off");
    }
    add("binary_sensor.front_door", noon + 2 * HOUR_MS + day, "on");
    add("binary_sensor.front_door", noon + 2 * HOUR_MS + 20_000, "off");
    add("binary_sensor.bed", bedAt, "on");
    add("binary_sensor.bed", upAt, "off");
    for (let hour = 0; hour < 24; hour += 1)
      add("sensor.bedroom_temperature", noon + hour * HOUR_MS + 77, (18 + Math.sin(hour) + day / 50).toFixed(1));
  }
  return events.sort((a, b) => a.updatedUs - b.updatedUs);
}

/** The nights of `eventsOfDays`, said when the person got up. */
export function labelsOfDays(days: number): Label[] {
  return Array.from({ length: days }, (_, day) => {
    const noon = START + day * DAY_MS;
    const startMs = noon + 11 * HOUR_MS + ((day * 17) % 40) * MINUTE_MS;
    const endMs = noon + 19 * HOUR_MS + ((day * 29) % 50) * MINUTE_MS;
    return {
      startMs,
      endMs,
      localDate: new Date(endMs).toISOString().slice(0, 10),
      timeZone: "UTC",
      kind: "positive",
      source: "test",
      capturedAtMs: endMs,
      rawStart: null,
      rawEnd: null,
      saidBy: null,
      status: "active",
      reason: null,
    };
  });
}
