import { expect, test } from "vitest";
import type { FeatureDefinition } from "../../../../src/core/features/definition.ts";
import { minutesSinceActivity, onFraction, stateNow } from "../../../../src/core/features/recipes.ts";
import { effectsOf } from "../../../../src/core/models/clr/effects.ts";

const bedroom = { name: "area.bedroom", group: "area", entities: ["binary_sensor.bedroom_motion"], repeating: [] } as const;
const bed = { name: "binary_sensor.bed", group: "entity", entities: ["binary_sensor.bed"], repeating: [] } as const;
const DEFINITIONS: FeatureDefinition[] = [
  minutesSinceActivity(bedroom, "activity"),
  onFraction(bed, 30),
  stateNow(bed, { low: 0, high: 1 }),
];

const artifact = {
  feature_names: [...DEFINITIONS.map(({ name }) => name), "clock:hour_sin", "sensor.forgotten"],
  model: { coefficients: [Math.log(2) / (Math.log(36) - Math.log(6)), -2, 0.5, 9, 9] },
  scale: { [DEFINITIONS[0]!.name]: 1.2, [DEFINITIONS[1]!.name]: 0.4, [DEFINITIONS[2]!.name]: 0.3 },
};

test("a coefficient is told as what a change that a person can picture does to the odds", () => {
  const effects = effectsOf(artifact, DEFINITIONS);
  expect(effects.map(({ words, odds }) => [words, Number(odds.toFixed(4))])).toEqual([
    ["binary_sensor.bed on for the half of 30 min instead of never", Number(Math.exp(-1).toFixed(4))],
    ["the bedroom quiet for 35 minutes instead of 5", 2],
    ["binary_sensor.bed on instead of off", Number(Math.exp(0.5).toFixed(4))],
  ]);
});

test("the weightiest come first, and what has no meaning alone or is not known here is left out", () => {
  const effects = effectsOf(artifact, DEFINITIONS);
  expect(effects.map(({ weight }) => weight)).toEqual(effects.map(({ weight }) => weight).toSorted((a, b) => b - a));
  expect(effects.map(({ feature }) => feature)).not.toContain("clock:hour_sin");
  expect(effects).toHaveLength(3);
  expect(effects.map(({ change }) => change)).toEqual([
    "half of the time instead of never",
    "35 minutes instead of 5",
    "on instead of off",
  ]);
});

// Broken once: the whole report card of such a model failed.
test("a model that says nothing of scales still tells its effects, without weights", () => {
  const { scale: _, ...older } = artifact;
  expect(effectsOf(older, DEFINITIONS).map(({ weight }) => weight)).toEqual([0, 0, 0]);
});
