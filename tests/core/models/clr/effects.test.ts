import { expect, test } from "vitest";
import { offerOfArea, offerOfEntity, offerOfHome } from "../../../../src/core/features/choices.ts";
import { definitionSchema, type FeatureDefinition } from "../../../../src/core/features/definition.ts";
import { clockFeatures, minutesSinceActivity, onFraction, stateNow, weekdayFeatures } from "../../../../src/core/features/recipes.ts";
import { ROLES } from "../../../../src/core/features/role.ts";
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

/** All that any home may choose: every role in two areas, one of which has the name of the home, and a second motion sensor at a door. */
function everyDefinition(): FeatureDefinition[] {
  const horizons = [5, 30, 60, 180];
  const members = ["home", "bedroom"].flatMap((area) =>
    ROLES.map((role) => ({
      facts: {
        entityId: `sensor.${area}_${role.replaceAll(" ", "_")}`,
        domain: "sensor",
        deviceClass: role === "contact" ? "door" : null,
        unit: null,
        area,
        name: null,
        platform: null,
        kind: null,
        states: ["on", "heat", "cool down"],
      },
      role,
    })),
  );
  const offers = [
    ...members.map((member) => offerOfEntity(member, horizons)),
    ...["home", "bedroom"].map((area) =>
      offerOfArea(
        area,
        members.filter(({ facts }) => facts.area === area),
        horizons,
      ),
    ),
  ];
  const all = [
    ...clockFeatures("Europe/Amsterdam", [6, 7]),
    ...weekdayFeatures("Europe/Amsterdam"),
    ...offerOfHome(members, horizons, "Europe/Amsterdam", ({ deviceClass }) => deviceClass === "door"),
    ...offers.flatMap(({ first, further }) => [...first, ...further]),
  ];
  return [...new Map(all.map((definition) => [definition.name, definition])).values()];
}

// Broken once: presence and light were both "the bedroom on", motion and activity both "the home quiet", and every day one of "these".
test("no two features that a home may have are told in the same sentence", () => {
  const definitions = everyDefinition();
  expect([...new Set(definitions.map(({ kind }) => kind))].sort()).toEqual(
    definitionSchema.options.map(({ shape }) => shape.kind.value).sort(),
  );
  const effects = effectsOf(
    { feature_names: definitions.map(({ name }) => name), model: { coefficients: definitions.map(() => 1) } },
    definitions,
  );
  const told = new Map<string, string[]>();
  for (const { words, feature } of effects) told.set(words, [...(told.get(words) ?? []), feature]);
  expect([...told].filter(([, features]) => features.length > 1)).toEqual([]);
  expect(effects.find(({ feature }) => feature === "area.bedroom:presence_on_fraction:30m")?.words).toBe(
    "presence in the bedroom for the half of 30 min instead of never",
  );
  expect(effects.find(({ feature }) => feature === "area.bedroom:light_on_fraction:30m")?.words).toBe(
    "the light in the bedroom on for the half of 30 min instead of never",
  );
});
