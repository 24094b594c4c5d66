import { expect, test } from "vitest";
import { createStream, runStream } from "../../src/core/changes/stream.ts";
import type { EntityFacts } from "../../src/core/events/entity.ts";
import type { FeatureDefinition } from "../../src/core/features/definition.ts";
import { activityCount, level, onFraction, type Subject } from "../../src/core/features/recipes.ts";
import { storedState } from "../../src/flow/changes.ts";
import { watchedFeatures } from "../../src/flow/streams.ts";
import { temperature } from "../core/changes/streams.ts";

const area: Subject = { name: "area.hall", group: "area", entities: ["binary_sensor.a", "binary_sensor.b"], repeating: [] };
const alone: Subject = { ...area, name: "area.bath", entities: ["binary_sensor.c"] };
const entity = (id: string): Subject => ({ name: id, group: "entity", entities: [id], repeating: [] });
const facts = (entityId: string, name: string | null, unit: string | null, inArea: string): readonly [string, EntityFacts] => [
  entityId,
  { entityId, domain: "sensor", deviceClass: null, unit, area: inArea, name, platform: null, kind: null },
];
const FACTS = new Map([facts("binary_sensor.a", null, null, "Hall"), facts("sensor.t", "Hall temperature", "°C", "Hall")]);

const setOf = (definitions: readonly (readonly [string, FeatureDefinition])[]) =>
  watchedFeatures(
    {
      setId: 1,
      version: "1-x",
      members: definitions.map(([name, { name: _, ...definition }], k) => ({
        featureId: k + 1,
        name,
        definition: JSON.stringify(definition),
      })),
    } as Parameters<typeof watchedFeatures>[0],
    FACTS,
  );
const named = (definition: FeatureDefinition): readonly [string, FeatureDefinition] => [definition.name, definition];

test("of one subject the longest look-back that divides an hour is watched, whatever number its name ends with", () => {
  const watched = setOf([
    ["area.hall:activity:5m:7", activityCount(area, 5, "activity")],
    ["area.hall:activity:60m:7", activityCount(area, 60, "activity")],
    ["area.hall:activity:120m:7", activityCount(area, 120, "activity")],
    named(level(entity("sensor.t"), "mean", 30, { low: 0, high: 50, scale: "linear" })),
  ]);
  expect(watched.map(({ name, kind }) => [name, kind])).toEqual([
    ["area.hall:activity:60m:7", "poisson"],
    ["sensor.t:mean:30m", "gaussian"],
  ]);
  expect(watched.map(({ subject }) => subject)).toEqual([
    { measure: "activity", unit: null, place: { kind: "area", name: "Hall" } },
    { measure: "level", unit: "°C", place: { kind: "entity", name: "Hall temperature" } },
  ]);
});

// Broken once: 100 lux stood in the state as 4.6, their logarithm.
test("the mean of a level that is watched as a logarithm is stored in its own unit", () => {
  const [feature] = setOf([named(level(entity("sensor.lux"), "mean", 60, { low: 0, high: 100_000, scale: "log" }))]);
  const windows = temperature({ seed: 1, days: 20 }).map(({ endMs, value }) => ({ endMs, value: Math.log1p(100) + (value! - 20) / 100 }));
  const { state: stream } = runStream(createStream({ name: "sensor.lux", kind: "gaussian", timeZone: "UTC" }), windows);
  const { stateJson } = storedState({ feature: feature!, stream, derivedFromMs: null }, windows.at(-1)!.endMs);
  expect((JSON.parse(stateJson) as { current_mean: number }).current_mean).toBeCloseTo(100, -1);
});

test("an entity that says alone what its area says is not watched twice, and counts of single entities are not watched", () => {
  const watched = setOf([
    named(onFraction(entity("binary_sensor.c"), 30)),
    named(activityCount(entity("binary_sensor.a"), 60)),
    named(onFraction(entity("binary_sensor.a"), 30)),
    named(onFraction(alone, 30, "presence_")),
  ]);
  expect(watched.map(({ name, kind }) => [name, kind])).toEqual([
    ["area.bath:presence_on_fraction:30m", "ratio"],
    ["binary_sensor.a:on_fraction:30m", "ratio"],
  ]);
});
