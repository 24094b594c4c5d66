import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { createFeatureStage } from "../../src/flow/features.ts";
import { eventsOfDays, GRID_MS, type SmallHome, START, smallHome } from "./small-home.ts";

const DAYS = 3;
const ARRIVES = START + DAYS * DAY_MS;
const HAPPENS = ARRIVES + 6 * HOUR_MS;
const END = ARRIVES + 12 * HOUR_MS;

/** Rows of features after a pass every hour, with or without a door that opened in the future. */
async function lived(isWith: boolean): Promise<Map<number, string>> {
  const home: SmallHome = await smallHome();
  const { writer, clock, reader, context } = home;
  await writer.write("insertEvents", { events: eventsOfDays(DAYS + 1).filter((event) => event.updatedUs < END * 1000), nowMs: START });
  const stage = createFeatureStage(context);
  clock.jumpTo(ARRIVES);
  await stage({});
  const door = {
    entityId: "binary_sensor.front_door",
    state: "on",
    updatedUs: HAPPENS * 1000 + 7,
    knownAtMs: ARRIVES,
    source: "live" as const,
  };
  if (isWith) await writer.write("insertEvents", { events: [door], nowMs: ARRIVES });
  for (let atMs = ARRIVES; atMs <= END; atMs += HOUR_MS) {
    clock.jumpTo(atMs);
    await stage({});
  }
  return new Map(
    reader.all<{ no: number; text: string }>("SELECT window_no AS no, values_json AS text FROM features").map(({ no, text }) => [no, text]),
  );
}

test("windows that end before the instant of an event from the future do not see it, later ones do", async () => {
  const [without, having] = [await lived(false), await lived(true)];
  expect([...having.keys()]).toEqual([...without.keys()]);
  const differing = [...having].filter(([no, text]) => without.get(no) !== text).map(([no]) => no);
  expect(Math.min(...differing) * GRID_MS).toBe(HAPPENS + GRID_MS);
  expect(differing.length).toBeGreaterThan(10);
});
