import { describe, expect, test } from "vitest";
import { createDayLog } from "../../src/demo/home/day-log.ts";
import type { HomeEntity } from "../../src/demo/home/entities.ts";

const entity = (entityId: string): HomeEntity => ({
  entityId,
  name: entityId,
  device: null,
  area: null,
  platform: "test",
  category: null,
  firstState: "off",
  attributes: { device_class: "motion", friendly_name: entityId, extra: 1 },
});

const NONE = new Map();
const log = () => createDayLog([entity("binary_sensor.a"), entity("binary_sensor.b")]);

describe("the log of a day", () => {
  test("what is said at one instant by one entity gets instants of its own, in the order in which it was said", () => {
    const day = log();
    day.emit("binary_sensor.a", 1000, "on");
    day.emit("binary_sensor.b", 1000, "on");
    day.emit("binary_sensor.a", 1000, "off");
    expect(day.closeDay(NONE).map(({ entityId, atUs, state }) => [entityId, atUs, state])).toEqual([
      ["binary_sensor.a", 1_000_000, "on"],
      ["binary_sensor.b", 1_000_000, "on"],
      ["binary_sensor.a", 1_000_001, "off"],
    ]);
  });

  test("what says nothing new is left out, also when the day before said it", () => {
    const day = log();
    day.emit("binary_sensor.a", 1, "on");
    day.emit("binary_sensor.a", 2, "on", { extra: 1 });
    expect(day.closeDay(NONE)).toHaveLength(1);
    day.emit("binary_sensor.a", 3, "on");
    day.emit("binary_sensor.a", 4, "on", { extra: 2 });
    expect(day.closeDay(NONE).map((event) => event.attributes["extra"])).toEqual([2]);
  });

  test("in an outage an entity is unavailable with its fixed attributes only, and shows at its end what was said meanwhile", () => {
    const day = log();
    day.emit("binary_sensor.a", 1, "off");
    day.emit("binary_sensor.a", 12, "on");
    const events = day.closeDay(new Map([["binary_sensor.a", [{ fromMs: 10, toMs: 20 }]]]));
    expect(events.map(({ atUs, state }) => [atUs, state])).toEqual([
      [1_000, "off"],
      [10_000, "unavailable"],
      [20_000, "on"],
    ]);
    expect(events[1]?.attributes).toEqual({ device_class: "motion", friendly_name: "binary_sensor.a" });
  });

  test("an outage without end lasts into the next days and is said once", () => {
    const day = log();
    const forever = new Map([["binary_sensor.a", [{ fromMs: 10, toMs: Number.POSITIVE_INFINITY }]]]);
    day.emit("binary_sensor.a", 1, "off");
    expect(day.closeDay(forever)).toHaveLength(2);
    day.emit("binary_sensor.a", 30, "on");
    expect(day.closeDay(forever)).toEqual([]);
  });
});
