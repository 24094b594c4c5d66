import fc from "fast-check";
import { expect, test } from "vitest";
import { isPublishedByUs } from "../../src/core/events/entity.ts";
import { announcement, availability, componentsOf, forgotten, homeTopic, removal, shown, told } from "../../src/mqtt/discovery.ts";

const PLACE = { prefix: "homeassistant", topic: "ml_data_layer" };
const CHANGE_TOPIC = "ml_data_layer/habit_change";
/** As options allow them, and often what topics are called. */
const targetName = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,39}$/),
  fc.constantFrom("availability", "habit_change", "status", "target"),
);

interface Announced {
  readonly availability_topic: string;
  readonly components: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

test("whatever targets are called, no two entities have one id, one name on the broker or one entity id, and each is known as ours", () => {
  fc.assert(
    fc.property(fc.uniqueArray(targetName, { maxLength: 8 }), (targets) => {
      const { components } = JSON.parse(announcement(PLACE, targets, "1", []).payload) as Announced;
      expect(Object.keys(components)).toEqual(componentsOf(targets).map(({ id }) => id));
      expect(Object.keys(components)).toHaveLength(2 * targets.length + 1);
      const each = Object.values(components);
      for (const key of ["unique_id", "default_entity_id"]) expect(new Set(each.map((part) => part[key])).size).toBe(each.length);
      for (const { unique_id } of each) expect(isPublishedByUs("mqtt", unique_id!)).toBe(true);
      const topics = [
        ...targets.map((target) => forgotten(PLACE, target).topic),
        availability(PLACE, true).topic,
        CHANGE_TOPIC,
        homeTopic(PLACE),
      ];
      // Broken once: a target `availability` had the topic by which all entities are unavailable.
      expect(new Set(topics).size).toBe(topics.length);
      for (const topic of topics) expect(topic).toMatch(/^[a-z0-9_]+(\/[a-z0-9_]+)+$/);
    }),
  );
});

test("names of the home are data and nothing else: they change no topic and come back as they were", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 30 }), fc.string({ unit: "binary", maxLength: 30 }), (stream, words) => {
      const change = { stream, words, probability: 0.9, changeAtUtc: "a", detectedAtUtc: "b", withdrawnAtUtc: null };
      const message = told(PLACE, change);
      expect(message).toMatchObject({ topic: CHANGE_TOPIC, isRetained: false });
      expect(JSON.parse(message.payload)).toMatchObject({
        event_type: "changed",
        stream: stream.toWellFormed(),
        words: words.toWellFormed(),
      });
    }),
  );
});

test("what is not known is None, which Home Assistant shows as unknown, never as off or zero", () => {
  const prediction = {
    ...{ target: "sleep", stage: "preview", windowEndUtc: "2026-11-20T10:00:00.000Z", unavailableReason: "low coverage" },
    ...{ sinceUtc: null, foundAtUtc: null },
  };
  expect(JSON.parse(shown(PLACE, { ...prediction, probability: null, isOn: null }).payload)).toMatchObject({
    state: "None",
    probability: "None",
    since: null,
    found_at: null,
    stage: "preview",
    unavailable_reason: "low coverage",
  });
  expect(JSON.parse(shown(PLACE, { ...prediction, probability: 0, isOn: false }).payload)).toMatchObject({ state: "OFF", probability: 0 });
});

test("since when it is on, and when that was found, are attributes of the sensor that says so", () => {
  const instants = { sinceUtc: "2026-11-19T22:40:00.000Z", foundAtUtc: "2026-11-19T22:50:00.000Z" };
  const prediction = { target: "sleep", probability: 0.9, isOn: true, ...instants, stage: "eligible", windowEndUtc: null };
  const told = JSON.parse(shown(PLACE, { ...prediction, unavailableReason: null }).payload) as Record<string, unknown>;
  expect(told).toMatchObject({ state: "ON", since: instants.sinceUtc, found_at: instants.foundAtUtc });
  const { components } = JSON.parse(announcement(PLACE, ["sleep"], "1", []).payload) as Announced;
  const named = [...components["is_sleep"]!["json_attributes_template"]!.matchAll(/value_json\.(\w+)/g)].map(([, key]) => key);
  // Broken once: the template left them out, so nobody saw them.
  expect(named).toEqual(expect.arrayContaining(["since", "found_at"]));
  for (const key of named) expect(told).toHaveProperty(key!);
});

test("a removal leaves nothing of ours on the broker: each topic that is retained is emptied", () => {
  const targets = ["sleep", "nap"];
  const retained = [
    announcement(PLACE, targets, "1", []),
    availability(PLACE, true),
    ...targets.map((target) =>
      shown(PLACE, {
        ...{ target, probability: 1, isOn: true, sinceUtc: null, foundAtUtc: null },
        ...{ stage: "eligible", windowEndUtc: null, unavailableReason: null },
      }),
    ),
  ];
  const taken = removal(PLACE, targets);
  expect(taken.every(({ payload, isRetained }) => payload === "" && isRetained)).toBe(true);
  expect(taken.map(({ topic }) => topic).sort()).toEqual(retained.map(({ topic }) => topic).sort());
});

test("an entity that another integration made, or that only looks like ours, is not taken for ours", () => {
  expect(isPublishedByUs("mqtt", "0x00158d0001/occupancy")).toBe(false);
  expect(isPublishedByUs("zha", "ml_data_layer/ml_data_layer/is_sleep")).toBe(false);
  expect(isPublishedByUs("mqtt", null)).toBe(false);
});
