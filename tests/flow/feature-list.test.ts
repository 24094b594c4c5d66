import { expect, test } from "vitest";
import { DAY_MS } from "../../src/core/time.ts";
import { listFeatures } from "../../src/flow/feature-list.ts";
import { createFeatureStage } from "../../src/flow/features.ts";
import { DEFAULT_FEATURE_OPTIONS, type FeatureOptions } from "../../src/flow/stage.ts";
import { activeFeatureSet } from "../../src/store/tables/features.ts";
import { eventsOfDays, OPTIONS, START, smallHome } from "./small-home.ts";

async function listed(features: Partial<FeatureOptions> = {}) {
  const home = await smallHome();
  const names = ["camera.door", "input_datetime.sleep_start", "sensor.hall_battery", "switch.sleep_mode"];
  const strange = names.map((entityId, i) => ({
    entityId,
    state: "1",
    updatedUs: (START + i) * 1000,
    knownAtMs: null,
    source: "history" as const,
  }));
  await home.writer.write("insertEvents", { events: [...eventsOfDays(1), ...strange], nowMs: START });
  home.clock.jumpTo(START + DAY_MS);
  const options = { ...OPTIONS, features: { ...DEFAULT_FEATURE_OPTIONS, ...features } };
  await createFeatureStage({ ...home.context, options })({});
  const list = listFeatures(home.reader, options);
  return { list, of: (entityId: string) => list.entities.find((each) => each.entityId === entityId)!, set: activeFeatureSet(home.reader)! };
}

test("the list names of each entity what is computed of it, or why nothing is", async () => {
  const { list, of, set } = await listed();
  expect([...list.shared, ...list.entities.flatMap(({ gives }) => gives)].sort()).toEqual(set.members.map(({ name }) => name).sort());
  expect(of("binary_sensor.bed").gives).toContain("binary_sensor.bed:on_fraction:30m");
  expect(of("binary_sensor.bed").joins).toContain("area.bedroom:activity:60m");
  expect(list.entities.filter(({ reason }) => reason !== null).map(({ entityId, reason }) => [entityId, reason])).toEqual([
    ["camera.door", "no state that can be read"],
    ["input_datetime.sleep_end", "label helper"],
    ["input_datetime.sleep_start", "label helper"],
    ["sensor.hall_battery", "diagnostic"],
    ["switch.sleep_mode", "mirrors a target"],
  ]);
  expect(list.sharedLeftOut).toContainEqual({ name: "clock:monday", reason: "only when included by name" });
});

test("what the options include or exclude by name shows in the list", async () => {
  const { list, of } = await listed({ include: ["clock:monday"], exclude: ["binary_sensor.bed:*", "binary_sensor.front_door"] });
  expect(list.shared).toContain("clock:monday");
  expect(of("binary_sensor.bed").gives).toEqual(["binary_sensor.bed"]);
  expect(of("binary_sensor.bed").leftOut).toContainEqual({ name: "binary_sensor.bed:on_fraction:30m", reason: "excluded by an option" });
  expect(of("binary_sensor.front_door").reason).toBe("excluded by an option");
});
