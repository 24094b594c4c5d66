import { expect, test } from "vitest";
import { createRandom, makeYear, YEAR_MS } from "../../bench/event-year.ts";
import type { StateEvent } from "../../src/core/events/event.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { createFeatureStage } from "../../src/flow/features.ts";
import type { Db } from "../../src/store/db.ts";
import { OPTIONS, START, smallHome } from "../flow/small-home.ts";

const EVENTS = 300_000;
const ENTITIES = 16;
/** One event in so many comes late, by two days at most. */
const LATE = 200;

function eventsOfYear(): StateEvent[] {
  return makeYear(EVENTS, ENTITIES, 7)
    .flatMap(({ timeMs, value }, entity) =>
      Array.from(timeMs, (atMs, i): StateEvent => {
        const isBinary = entity < ENTITIES / 2;
        return {
          entityId: `${isBinary ? "binary_sensor" : "sensor"}.made_${entity}`,
          state: isBinary ? (value[i] === 1 ? "on" : "off") : String(value[i]),
          updatedUs: (START + atMs) * 1000,
          knownAtMs: null,
          source: "history",
        };
      }),
    )
    .sort((a, b) => a.updatedUs - b.updatedUs);
}

const stored = (reader: Db): Map<number, string> =>
  new Map(
    reader
      .all<{ no: number; row: string }>("SELECT window_no AS no, values_json || coalesce(coverage_json, '') AS row FROM features")
      .map(({ no, row }) => [no, row]),
  );

test("a simulated year, lived week by week with late events and restarts, has rebuilt at once 0 differing values", {
  timeout: 1_800_000,
}, async () => {
  const home = await smallHome();
  const random = createRandom(11);
  await home.writer.write("putEntityFacts", {
    facts: Array.from({ length: ENTITIES }, (_, entity) => ({
      entityId: `${entity < ENTITIES / 2 ? "binary_sensor" : "sensor"}.made_${entity}`,
      domain: entity < ENTITIES / 2 ? "binary_sensor" : "sensor",
      deviceClass: entity < ENTITIES / 2 ? (["motion", "occupancy", "door", "motion"][entity % 4] ?? null) : "illuminance",
      unit: entity < ENTITIES / 2 ? null : "lx",
      area: `Area ${entity % 3}`,
      name: null,
      platform: null,
      kind: null,
    })),
    nowMs: START,
  });
  const coming = eventsOfYear()
    .map((event) => ({ event, atMs: event.updatedUs / 1000 + (random() * LATE < 1 ? random() * 48 * HOUR_MS : 0) }))
    .sort((a, b) => a.atMs - b.atMs);
  const context = { ...home.context, options: { ...OPTIONS, retention: { ...OPTIONS.retention, rawDays: 400 } } };
  let stage = createFeatureStage(context);
  let next = 0;
  for (let untilMs = START + DAY_MS, pass = 0; next < coming.length || untilMs < START + YEAR_MS; untilMs += 7 * DAY_MS, pass += 1) {
    while (next < coming.length && coming[next]!.atMs < untilMs) {
      const batch = coming.slice(next, next + 2000).filter(({ atMs }) => atMs < untilMs);
      await home.writer.write("insertEvents", { events: batch.map(({ event }) => event), nowMs: untilMs });
      next += batch.length;
    }
    home.clock.jumpTo(untilMs);
    if (pass % 5 === 4) stage = createFeatureStage(context);
    await stage({});
  }
  const lived = stored(home.reader);
  expect(lived.size).toBeGreaterThan(100_000);
  await createFeatureStage(context)({ rebuild: true });
  const rebuilt = stored(home.reader);
  expect([...lived.keys()].filter((no) => lived.get(no) !== rebuilt.get(no))).toEqual([]);
});
