import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OWN_PLATFORM } from "../../../src/core/events/entity.ts";
import { CATALOGUE_DEFAULTS, type CatalogueFacts, type CatalogueOptions, chooseFeatures } from "../../../src/core/features/catalogue.ts";
import { definitionSchema, identityOf, lookBackMs, readDefinition } from "../../../src/core/features/definition.ts";
import { settleNames } from "../../../src/core/features/names.ts";

const options = (more: Partial<CatalogueOptions> = {}): CatalogueOptions => ({ ...CATALOGUE_DEFAULTS, timeZone: "Europe/Madrid", ...more });

function facts(entityId: string, more: Partial<CatalogueFacts> = {}): CatalogueFacts {
  const domain = entityId.slice(0, entityId.indexOf("."));
  return {
    entityId,
    domain,
    deviceClass: null,
    unit: domain === "sensor" ? "x" : null,
    area: null,
    name: null,
    platform: "test",
    kind: null,
    eventCount: 100,
    ...more,
  };
}

const HOME: readonly CatalogueFacts[] = [
  facts("binary_sensor.bed", { deviceClass: "occupancy", area: "Bedroom" }),
  facts("binary_sensor.bedroom_motion", { deviceClass: "motion", area: "Bedroom", eventCount: 900 }),
  facts("binary_sensor.front_door", { deviceClass: "door", area: "Entrance" }),
  facts("binary_sensor.fridge_door", { deviceClass: "door", area: "Kitchen" }),
  facts("binary_sensor.garden_motion", { deviceClass: "motion", area: "Garden" }),
  facts("light.bedroom", { area: "Bedroom" }),
  facts("switch.luz_do_corredor", { area: "Hallway" }),
  facts("switch.heater", { area: "Hallway" }),
  facts("cover.blinds", { area: "Bedroom" }),
  facts("media_player.tv", { area: "Wohnzimmer Süd" }),
  facts("person.anna"),
  facts("sensor.lux", { deviceClass: "illuminance" }),
  facts("sensor.power", { deviceClass: "power" }),
  facts("sensor.warmth", { deviceClass: "temperature" }),
];

const namesOf = (choice: ReturnType<typeof chooseFeatures>): string[] => choice.definitions.map(({ name }) => name);
const reasonOf = (choice: ReturnType<typeof chooseFeatures>, entityId: string): string | undefined =>
  choice.excluded.find((each) => each.entityId === entityId)?.reason;

describe("the default choice", () => {
  const choice = chooseFeatures(HOME, options());

  test("names features readably", () => {
    expect(namesOf(choice)).toEqual(
      expect.arrayContaining([
        "clock:hour_sin",
        "clock:hour_cos_2",
        "clock:weekend",
        "home:activity:60m",
        "home:minutes_since_activity",
        "home:minutes_since_motion",
        "home:silent_day_hours",
        "home:left_by_door",
        "home:persons_away",
        "home:everybody_away",
        "area.bedroom:activity:60m",
        "area.bedroom:presence_on_fraction:30m",
        "area.bedroom:light_on_fraction:30m",
        "area.wohnzimmer_sud:minutes_since_activity",
        "binary_sensor.bed:on_fraction:30m",
        "binary_sensor.bed",
        "binary_sensor.bedroom_motion:activity:5m",
        "binary_sensor.front_door:changes:60m",
        "sensor.lux:log_mean:30m",
        "sensor.warmth:slope:60m",
      ]),
    );
  });

  test("reads every sensor and leaves none out", () => {
    expect(choice.excluded).toEqual([]);
    expect(new Set(choice.definitions.flatMap(({ entities }) => entities))).toEqual(new Set(HOME.map(({ entityId }) => entityId)));
  });

  test("has each name and each recipe once, in groups", () => {
    expect(new Set(namesOf(choice)).size).toBe(choice.definitions.length);
    expect(new Set(choice.definitions.map(identityOf)).size).toBe(choice.definitions.length);
    expect([...new Set(choice.definitions.map(({ group }) => group))]).toEqual(["clock", "home", "area", "entity"]);
  });

  test("takes no sensor of the garden for a sign of life, and the front door but not the fridge for the way out", () => {
    const silence = choice.definitions.find(({ kind }) => kind === "silent_hours")!;
    expect(silence.entities).not.toContain("binary_sensor.garden_motion");
    expect(silence.entities).not.toContain("switch.heater");
    expect(silence.entities).toContain("switch.luz_do_corredor");
    const left = choice.definitions.find(({ kind }) => kind === "left_by_door")!;
    expect("doors" in left && left.doors).toEqual(["binary_sensor.front_door"]);
  });

  test("takes no closet in the hall for the way out, and takes the doors that the options name", () => {
    const doors = ["hall_closet_door", "side_gate"].map((name) => facts(`binary_sensor.${name}`, { deviceClass: "door" }));
    const leftOf = (more: Partial<CatalogueOptions>): unknown => {
      const left = chooseFeatures([...doors, facts("light.bedroom")], options(more)).definitions.find(
        ({ kind }) => kind === "left_by_door",
      );
      return left !== undefined && "doors" in left ? left.doors : null;
    };
    expect(leftOf({})).toBeNull();
    expect(leftOf({ entryDoors: ["*.side_*"] })).toEqual(["binary_sensor.side_gate"]);
  });

  test("looks back two hours for counts, two days for a silence, and holds a state for seven days", () => {
    expect(lookBackMs(choice.definitions)).toEqual({ longestHorizonMs: 7_200_000, reachMs: 172_800_000, holdLastMs: 604_800_000 });
    expect(lookBackMs([])).toEqual({ longestHorizonMs: 0, reachMs: 0, holdLastMs: 0 });
  });

  test("is the same for facts in any order, and reads back from what is stored", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...HOME], { minLength: HOME.length }),
        fc.integer({ min: 20, max: 200 }),
        (shuffled, maximumFeatures) => {
          expect(chooseFeatures(shuffled, options({ maximumFeatures }))).toEqual(chooseFeatures(HOME, options({ maximumFeatures })));
        },
      ),
      { numRuns: 30 },
    );
    for (const definition of choice.definitions) expect(readDefinition(definition.name, identityOf(definition))).toEqual(definition);
    expect(() => readDefinition("x", '{"kind":"guess"}')).toThrow();
    expect(definitionSchema.safeParse({ ...choice.definitions.at(-1), name: undefined, extra: 1 }).success).toBe(false);
  });
});

describe("the limit", () => {
  const many = Array.from({ length: 60 }, (_, i) =>
    facts(`binary_sensor.made_${i}`, { deviceClass: "motion", area: `Area ${i % 12}`, eventCount: 2 ** (i % 10) }),
  );

  test("keeps clock, home and areas, then the busiest sensors, and says which are beyond", () => {
    const choice = chooseFeatures(many, options({ maximumFeatures: 100 }));
    expect(choice.definitions).toHaveLength(100);
    const areas = choice.definitions.filter(({ group }) => group === "area");
    expect(areas.length).toBeGreaterThan(80);
    const beyond = chooseFeatures([...many, facts("switch.rare", { eventCount: 1 })], options({ maximumFeatures: 150 }));
    expect(beyond.definitions).toHaveLength(150);
    expect(reasonOf(beyond, "switch.rare")).toBe("beyond the limit of features");
    expect(namesOf(beyond)).toContain("binary_sensor.made_9:on_fraction:30m");
    expect(namesOf(beyond)).not.toContain("binary_sensor.made_0:on_fraction:30m");
  });

  test("prefers what tells more to what is merely busier", () => {
    const two = [
      facts("sensor.lux", { deviceClass: "illuminance", eventCount: 9000 }),
      facts("binary_sensor.quiet", { deviceClass: "motion", eventCount: 2 }),
    ];
    const choice = chooseFeatures(two, options({ maximumFeatures: 13 }));
    expect(namesOf(choice)).toContain("binary_sensor.quiet:on_fraction:30m");
    expect(choice.excluded).toEqual([{ entityId: "sensor.lux", reason: "beyond the limit of features" }]);
  });

  test("lets in first what the options include", () => {
    const choice = chooseFeatures(
      [...many, facts("switch.rare", { eventCount: 1 })],
      options({ include: ["switch.r*"], maximumFeatures: 150 }),
    );
    expect(namesOf(choice)).toContain("switch.rare:on_fraction:30m");
  });
});

describe("never a feature", () => {
  const never = [
    ["input_datetime.sleep_start", "label helper"],
    ["input_button.good_morning", "label helper"],
    ["input_boolean.resting", "label helper"],
    ["sensor.ml_data_layer_sleep", "published by this app"],
    ["sensor.set_by_an_app", "published by this app"],
    ["input_boolean.asleep", "mirrors a target"],
    ["switch.sleep_mode", "mirrors a target"],
    ["binary_sensor.anna_is_sleeping", "mirrors a target"],
    ["input_boolean.house_in_bed", "mirrors a target"],
    ["sensor.door_battery", "diagnostic"],
    ["binary_sensor.hub_rssi", "diagnostic"],
    ["camera.door", "no state that can be read"],
    ["weather.home", "not chosen by default"],
    ["input_boolean.guests", "not chosen by default"],
    ["sensor.energy", "not chosen by default"],
    ["binary_sensor.silent", "no events yet"],
    ["binary_sensor.bed", "excluded by an option"],
  ] as const;
  const all = never.map(([entityId, reason]) =>
    facts(entityId, {
      deviceClass: entityId === "sensor.energy" ? "energy" : null,
      platform: entityId === "sensor.set_by_an_app" ? OWN_PLATFORM : null,
      eventCount: reason === "no events yet" ? 0 : 100,
    }),
  );
  const given = options({ labelHelpers: ["input_boolean.resting"], exclude: ["*.bed"], mirrors: ["input_boolean.*_in_bed"] });

  test.each(never)("%s: %s", (entityId, reason) => {
    const choice = chooseFeatures(all, given);
    expect(reasonOf(choice, entityId)).toBe(reason);
    expect(choice.definitions.flatMap(({ entities }) => entities)).toEqual([]);
  });

  test("helpers and what this app publishes cannot be included, what the catalogue merely leaves out can", () => {
    const choice = chooseFeatures(all, { ...given, include: ["*", "input_boolean.asleep"] });
    expect(reasonOf(choice, "input_datetime.sleep_start")).toBe("label helper");
    expect(reasonOf(choice, "sensor.ml_data_layer_sleep")).toBe("published by this app");
    expect(reasonOf(choice, "sensor.set_by_an_app")).toBe("published by this app");
    expect(reasonOf(choice, "switch.sleep_mode")).toBe("mirrors a target");
    expect(reasonOf(choice, "binary_sensor.bed")).toBe("excluded by an option");
    for (const entityId of ["input_boolean.guests", "sensor.energy", "sensor.door_battery", "input_boolean.asleep"]) {
      expect(reasonOf(choice, entityId), entityId).toBeUndefined();
    }
  });

  test("a bedroom by another name and a lamp called bedtime are no mirrors", () => {
    const honest = [
      facts("binary_sensor.sleeping_room_motion", { deviceClass: "motion" }),
      facts("light.bedtime"),
      facts("binary_sensor.bed_occupied"),
    ];
    expect(chooseFeatures(honest, options()).excluded).toEqual([]);
  });
});

test("horizons off the grid are left out, and a grid that fits none is refused", () => {
  const names = namesOf(chooseFeatures(HOME, options({ gridMs: 600_000 })));
  expect(names).toContain("binary_sensor.bed:on_fraction:30m");
  expect(names.some((name) => name.endsWith(":5m"))).toBe(false);
  expect(() => chooseFeatures(HOME, options({ gridMs: 7 * 60_000 }))).toThrow(RangeError);
});

describe("names", () => {
  const { definitions } = chooseFeatures(HOME, options());
  const stored = definitions.map((definition) => ({ name: definition.name, definition: identityOf(definition) }));

  test("stay with their recipe", () => {
    expect(settleNames(definitions, stored)).toEqual(definitions);
    expect(settleNames(definitions, [])).toEqual(definitions);
  });

  test("are never shared by two recipes", () => {
    const twins = definitions.slice(0, 2).map((definition) => ({ ...definition, name: "same" }));
    expect(settleNames(twins, []).map(({ name }) => name)).toEqual(["same", "same:2"]);
  });

  test("of a recipe that changed get a number, and get it again the next time", () => {
    const grown = chooseFeatures([...HOME, facts("light.bed", { area: "Bedroom" })], options()).definitions;
    const settled = settleNames(grown, stored);
    const activity = settled.find(({ name }) => name === "area.bedroom:activity:60m:2")!;
    expect(activity.entities).toContain("light.bed");
    expect(new Set(settled.map(({ name }) => name)).size).toBe(settled.length);
    const later = [...stored, ...settled.map((definition) => ({ name: definition.name, definition: identityOf(definition) }))];
    expect(settleNames(grown, later)).toEqual(settled);
  });
});
