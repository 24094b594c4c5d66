import { describe, expect, test } from "vitest";
import { z } from "zod";
import { areaShape, configShape, deviceShape, entityShape, stateShape } from "./shapes.ts";
import type { Target } from "./suite.ts";
import { ASLEEP, microsOf, pause, SLEEP_END, SLEEP_START, withClient } from "./with-client.ts";

export function registryChecks(connect: () => Promise<Target>): void {
  describe("states and registries", () => {
    const { client } = withClient(connect);

    test("the configuration says that it runs, in which zone and which release, the one of the greeting", async () => {
      const config = configShape.parse(await client().result({ type: "get_config" }));
      expect(config.version).toBe(client().messages()[0]?.ha_version);
      expect(Intl.supportedValuesOf("timeZone")).toContain(config.time_zone);
    });

    test("every entity has one state, and none was changed after it was updated", async () => {
      const states = z.array(stateShape).parse(await client().result({ type: "get_states" }));
      const ids = states.map((state) => state.entity_id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(expect.arrayContaining([SLEEP_START, SLEEP_END, ASLEEP, "sun.sun"]));
      for (const state of states) expect(microsOf(state.last_changed)).toBeLessThanOrEqual(microsOf(state.last_updated));
      expect(await client().errorCode({ type: "get_states", surplus: 1 })).toBe("invalid_format");
    });

    test("an entity's device is in the list of devices, and both name only areas of the list of areas", async () => {
      const areas = z.array(areaShape).parse(await client().result({ type: "config/area_registry/list" }));
      const devices = z.array(deviceShape).parse(await client().result({ type: "config/device_registry/list" }));
      const entities = z.array(entityShape).parse(await client().result({ type: "config/entity_registry/list" }));
      const areaIds = new Set(areas.map((area) => area.area_id));
      const deviceIds = new Set(devices.map((device) => device.id));
      for (const entity of entities) expect(entity.device_id === null || deviceIds.has(entity.device_id)).toBe(true);
      for (const row of [...entities, ...devices]) expect(row.area_id === null || areaIds.has(row.area_id)).toBe(true);
      expect(areas.length).toBeGreaterThan(0);
      expect(entities.find((entity) => entity.entity_id === SLEEP_START)).toMatchObject({ platform: "input_datetime", disabled_by: null });
    });

    test("the list of entities does not tell device classes", async () => {
      const entities = z.array(z.record(z.string(), z.unknown())).parse(await client().result({ type: "config/entity_registry/list" }));
      for (const entity of entities) {
        expect(entity).not.toHaveProperty("device_class");
        expect(entity).not.toHaveProperty("original_device_class");
      }
    });

    test("an entity that is made is told by its registry before its first state", async () => {
      const registry = await client().command({ type: "subscribe_events", event_type: "entity_registry_updated" });
      const states = await client().command({ type: "subscribe_events", event_type: "state_changed" });
      const name = `Order ${Date.now() % 1e8}`;
      const { id } = z
        .object({ id: z.string() })
        .parse(await client().result({ type: "input_datetime/create", name, has_date: true, has_time: true }));
      await pause(200);
      const entityId = `input_datetime.${id}`;
      const told = client()
        .messages()
        .filter((one) => one.type === "event" && JSON.stringify(one.event).includes(`"entity_id":"${entityId}"`));
      expect(told.map((one) => one.id).slice(0, 2)).toEqual([registry.id, states.id]);
      expect(told[0]?.event).toMatchObject({ data: { action: "create", entity_id: entityId } });
      const entries = z.array(z.record(z.string(), z.unknown())).parse(await client().result({ type: "config/entity_registry/list" }));
      expect(entries.find((entry) => entry["entity_id"] === entityId)).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/) });
      await client().result({ type: "input_datetime/delete", input_datetime_id: id });
    });

    test("a switched-off entity is in the registry and has no state", async () => {
      const entities = z.array(entityShape).parse(await client().result({ type: "config/entity_registry/list" }));
      const states = z.array(stateShape).parse(await client().result({ type: "get_states" }));
      const off = entities.filter((entity) => entity.disabled_by !== null).map((entity) => entity.entity_id);
      expect(off.length).toBeGreaterThan(0);
      expect(states.filter((state) => off.includes(state.entity_id))).toEqual([]);
    });
  });
}
