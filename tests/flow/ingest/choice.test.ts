import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Choice, createChoice } from "../../../src/flow/ingest/choice.ts";
import type { ChoiceEntity } from "../../../src/flow/ingest/pattern.ts";

const entity = (entityId: string, area: string | null = null, deviceClass: string | null = null): ChoiceEntity => ({
  entityId,
  area,
  deviceClass,
});
const chooser = (over: Partial<Choice>) => createChoice({ include: [], exclude: [], always: [], ...over });

describe("choice of entities", () => {
  const home = [
    entity("light.desk", "Living room"),
    entity("light.bed", "Bedroom"),
    entity("binary_sensor.hall", "Hall", "motion"),
    entity("sensor.guest_power", "Guest room", "power"),
    entity("sensor.power", null, "power"),
    entity("input_datetime.guest_left"),
  ];
  const chosen = (over: Partial<Choice>): string[] => {
    const choice = chooser(over);
    choice.learn(home);
    return home.map(({ entityId }) => entityId).filter(choice.isChosen);
  };

  test("without patterns everything is in", () => {
    expect(chosen({})).toHaveLength(home.length);
  });

  test("where nothing can be used of what was to be included, label helpers and named attributes alone are in", () => {
    const choice = { include: null, always: ["input_datetime.guest_left"], attributes: ["light.bed#brightness"] };
    expect(chosen(choice)).toEqual(["input_datetime.guest_left"]);
    expect(chooser(choice).attributesOf("light.bed")).toEqual(["brightness"]);
  });

  test("ids, domains, areas and classes are understood, with * and ? and in any case", () => {
    expect(chosen({ include: ["light.*"] })).toEqual(["light.desk", "light.bed"]);
    expect(chosen({ include: ["light.?e*", "domain:binary_*"] })).toEqual(["light.desk", "light.bed", "binary_sensor.hall"]);
    expect(chosen({ include: ["area:living ROOM", "area: bed*"] })).toEqual(["light.desk", "light.bed"]);
    expect(chosen({ include: ["area:guest_room"] })).toEqual(["sensor.guest_power"]);
    expect(chosen({ include: ["class:power"] })).toEqual(["sensor.guest_power", "sensor.power"]);
    expect(chosen({ include: ["sensor.powe"] })).toEqual([]);
  });

  test("exclude beats include, label helpers beat both", () => {
    const choice = { include: ["class:power", "area:Hall"], exclude: ["*guest*"], always: ["input_datetime.guest_left"] };
    expect(chosen(choice)).toEqual(["binary_sensor.hall", "sensor.power", "input_datetime.guest_left"]);
  });

  test("no character of a pattern but * and ? means anything else than itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const literal = text.replaceAll(/[*?:#]/g, "");
        return chooser({ include: [literal] }).isChosen(literal) && !chooser({ include: [`${literal}x`] }).isChosen(literal);
      }),
    );
  });

  test("whoever is included and excluded by any patterns is what the rule says, asked before or after, once or twice", () => {
    const pattern = fc.constantFrom("light.*", "domain:sensor", "area:Hall", "area:*room", "class:power", "*guest*", "class:motion");
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), fc.array(pattern, { maxLength: 3 }), fc.boolean(), (include, exclude, early) => {
        const choice = chooser({ include, exclude });
        if (early) for (const { entityId } of home) choice.isChosen(entityId);
        choice.learn(home);
        for (const each of home) {
          const one = (patterns: readonly string[]): boolean =>
            patterns.some((text) => {
              const alone = chooser({ include: [text] });
              alone.learn([each]);
              return alone.isChosen(each.entityId);
            });
          expect(choice.isChosen(each.entityId)).toBe((include.length === 0 || one(include)) && !one(exclude));
        }
      }),
    );
  });
});

describe("what is not known yet", () => {
  test("where only ids decide nobody is undecided; where areas or classes do, the unknown are", () => {
    expect(chooser({ include: ["light.*"], exclude: ["domain:sensor"] }).isUndecided("light.a")).toBe(false);
    const choice = chooser({ exclude: ["area:Attic"], always: ["input_datetime.x"] });
    expect(choice.isUndecided("light.a")).toBe(true);
    expect(choice.isUndecided("input_datetime.x")).toBe(false);
    choice.learn([entity("light.a")]);
    expect(choice.isUndecided("light.a")).toBe(false);
  });

  test("an entity that moves into a chosen area is newly chosen, one that appears there is not: nothing of it was left out", () => {
    const choice = chooser({ include: ["area:Hall"], attributes: ["area:Hall#brightness"] });
    expect(choice.learn([entity("light.a", "Attic"), entity("light.b", "Hall")])).toEqual({ newly: [], left: [] });
    expect(choice.learn([entity("light.a", "Hall"), entity("light.b", "Hall"), entity("light.c", "Hall")])).toEqual({
      newly: ["light.a", "light.a#brightness"],
      left: [],
    });
    expect(["light.a", "light.a#brightness", "light.c"].map(choice.isChosen)).toEqual([true, true, true]);
    expect(choice.learn([entity("light.a", "Attic")]).left).toEqual(["light.a", "light.a#brightness"]);
    expect(["light.a", "light.a#brightness"].map(choice.isChosen)).toEqual([false, false]);
  });
});

describe("attributes as entities of their own", () => {
  const choice = chooser({
    include: ["binary_sensor.*"],
    exclude: ["*_guest"],
    attributes: ["climate.*#current_temperature", "domain:climate#hvac_action", "climate.living#current_temperature"],
  });

  test("a pattern of its own takes an attribute, whether its entity is included or not, unless that is excluded", () => {
    expect(choice.attributesOf("climate.living")).toEqual(["current_temperature", "hvac_action"]);
    expect(choice.attributesOf("climate.living_guest")).toEqual([]);
    expect(choice.isChosen("climate.living")).toBe(false);
    expect(choice.isChosen("climate.living#hvac_action")).toBe(true);
    expect(choice.isChosen("climate.living#temperature")).toBe(false);
    expect(choice.isChosen("climate.living_guest#hvac_action")).toBe(false);
  });
});

describe("patterns that match nothing", () => {
  const home = [entity("light.a", "Hall"), entity("sensor.p", "Kitchen", "power")];
  const findings = (over: Partial<Choice>): string[] =>
    chooser(over).findings(home, (entityId, name) => `${entityId}#${name}` === "light.a#brightness");

  test("each is named with what there is instead", () => {
    expect(findings({ include: ["light.*", "area:Kichen", "light"], exclude: ["class:motion", "domain:switch", "sensor.x"] })).toEqual([
      'include: "area:Kichen" matches no entity. There are the areas with entities Hall, Kitchen.',
      'include: "light" matches no entity. An entity id has a dot; a whole domain is written domain:light.',
      'exclude: "class:motion" matches no entity. There are the classes power.',
      'exclude: "domain:switch" matches no entity. There are the domains light, sensor.',
      'exclude: "sensor.x" matches no entity.',
    ]);
  });

  test("an attribute that no entity has is named, too", () => {
    expect(findings({ attributes: ["light.*#brightness", "light.*#britness", "fan.*#speed"] })).toEqual([
      'attributes: "light.*#britness" matches entities, but none has that attribute now.',
      'attributes: "fan.*#speed" matches no entity.',
    ]);
  });
});
