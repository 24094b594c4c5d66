import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OWN_PLATFORM, ownUniqueId } from "../../src/core/events/entity.ts";
import { historyMessage, parseHistory } from "../../src/hass/history.ts";
import { entityFacts, parseConfig, parseRegistries } from "../../src/hass/registries.ts";
import { parseStateChange, parseStates } from "../../src/hass/state-change.ts";
import { websocketUrl } from "../../src/hass/url.ts";
import { createModelHome } from "../helpers/model-home.ts";

const T = 1_795_264_569.7106347;
const urlOf = (text: string): string => {
  const read = websocketUrl(text);
  return read.ok ? read.url : `refused: ${read.words}`;
};

describe("state_changed", () => {
  test("an event of a state and one of attributes alone can be told apart", () => {
    const home = createModelHome();
    home.set("light.a", { state: "off" }, T);
    const on = parseStateChange(home.set("light.a", { state: "on" }, T + 1));
    const dimmed = parseStateChange(home.set("light.a", { state: "on", attributes: { brightness: 3 } }, T + 2));
    expect(on).toEqual({
      entityId: "light.a",
      state: "on",
      changedUs: 1_795_264_570_710_635,
      updatedUs: 1_795_264_570_710_635,
      userId: null,
      attributes: {},
      attributesBefore: {},
    });
    expect(dimmed?.attributes).toEqual({ brightness: 3 });
    expect(dimmed?.changedUs).toBe(on?.updatedUs);
    expect(dimmed?.updatedUs).toBeGreaterThan(dimmed?.changedUs ?? 0);
  });

  test("a removed entity ends with an empty state at the instant it was removed", () => {
    const home = createModelHome();
    home.set("light.a", { state: "off" }, T);
    expect(parseStateChange(home.remove("light.a", T + 1))).toMatchObject({ state: "", updatedUs: 1_795_264_570_710_635 });
  });

  test("whatever is sent instead is refused, never thrown", () => {
    fc.assert(fc.property(fc.anything(), (junk) => parseStateChange(junk) === null));
    expect(parseStateChange({ data: { entity_id: "a.b", new_state: { entity_id: "a.b", state: 3 } } })).toBeNull();
    expect(parseStates([null, 3, { entity_id: "a.b" }])).toEqual({ states: [], malformed: 3 });
    expect(parseStates({})).toEqual({ states: [], malformed: 1 });
  });
});

describe("history", () => {
  const request = { entityIds: ["light.a"], fromMs: 1_795_264_569_000, toMs: 1_795_264_600_000, withStartState: true };
  const ask = (home: ReturnType<typeof createModelHome>, wanted: typeof request) =>
    parseHistory(home.history(historyMessage(wanted) as never, T + 1e6), wanted);

  test("rows become events, changes of attributes alone are left out but counted as cost", () => {
    const home = createModelHome();
    home.set("light.a", { state: "on" }, T);
    home.set("light.a", { state: "on", attributes: { brightness: 3 } }, T + 1);
    home.set("light.a", { state: "on", attributes: { brightness: 3 }, isForced: true }, T + 2);
    expect(ask(home, request)).toEqual({
      events: [
        { entityId: "light.a", state: "on", updatedUs: 1_795_264_569_710_635, knownAtMs: null, source: "history" },
        { entityId: "light.a", state: "on", updatedUs: 1_795_264_571_710_635, knownAtMs: null, source: "history" },
      ],
      rows: 3,
      malformed: 0,
      valued: [],
    });
  });

  test("adjoining requests lose no event at their common bound and invent none", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 3_999 }),
        (offsets, cutMs) => {
          const home = createModelHome();
          const base = 1_795_264_569;
          const sorted = [...new Set(offsets)].sort((a, b) => a - b);
          for (const [i, us] of sorted.entries()) home.set("light.a", { state: `${i}` }, (base * 1e6 + us) / 1e6);
          const [fromMs, toMs] = [base * 1000, base * 1000 + 4_001];
          const parts = [
            { ...request, fromMs, toMs: fromMs + cutMs, withStartState: false },
            { ...request, fromMs: fromMs + cutMs, toMs, withStartState: false },
          ].flatMap((part) => ask(home, part).events);
          expect(new Set(parts.map((event) => event.state))).toEqual(new Set(sorted.map((_, i) => `${i}`)));
          expect(parts.every((event) => event.source === "history")).toBe(true);
        },
      ),
    );
  });

  test("the state that held at the start is an anchor at the start, unless a row begins there", () => {
    const home = createModelHome();
    home.set("light.a", { state: "off" }, T - 1_000);
    home.set("light.a", { state: "on" }, T + 5);
    const anchor = { entityId: "light.a", state: "off", updatedUs: request.fromMs * 1000, knownAtMs: null, source: "anchor" };
    expect(ask(home, request).events).toContainEqual(anchor);
    expect(ask(home, { ...request, withStartState: false }).events).not.toContainEqual(anchor);
    home.set("light.b", { state: "off" }, T - 1_000);
    home.set("light.b", { state: "on" }, request.fromMs / 1000);
    const atStart = ask(home, { ...request, entityIds: ["light.b"] }).events;
    expect(atStart).toEqual([{ entityId: "light.b", state: "on", updatedUs: request.fromMs * 1000, knownAtMs: null, source: "history" }]);
  });

  test("malformed answers are counted and the rest is kept", () => {
    expect(parseHistory(null, request)).toMatchObject({ malformed: 1 });
    const answer = {
      "light.a": [{ s: "on", lu: 1e9 }, { s: 3, lu: 1e9 }, { s: "on" }, null],
      "light.b": "x",
      "light.c": [{ s: null, lu: 1e9 }],
    };
    const page = parseHistory(answer, { ...request, withStartState: false });
    expect(page.malformed).toBe(4);
    expect(page.events.map((event) => event.state)).toEqual(["on", ""]);
  });
});

describe("registries", () => {
  test("an entity lies in its own area, else its device's, else its parent device's", async () => {
    const entity = (entity_id: string, area_id: string | null, device_id: string | null) => ({
      entity_id,
      area_id,
      device_id,
      platform: "mqtt",
    });
    const registries = await parseRegistries(
      [
        entity("light.own", "hall", "d1"),
        entity("light.device", null, "d1"),
        entity("light.child", null, "d2"),
        { ...entity("light.off", "hall", null), disabled_by: "user" },
      ],
      [
        { id: "d1", area_id: "bed" },
        { id: "d2", area_id: null, parent_device_id: "d1" },
      ],
      [
        { area_id: "bed", name: "Bedroom" },
        { area_id: "hall", name: "Hall" },
      ],
    );
    const { states } = parseStates([
      {
        entity_id: "sun.sun",
        state: "x",
        attributes: { friendly_name: "Sun 🌞", device_class: "d", unit_of_measurement: "u" },
        last_changed: "2026-11-21T12:44:15Z",
        last_updated: "2026-11-21T12:44:15Z",
      },
    ]);
    const facts = new Map((await entityFacts(states, registries)).map((fact) => [fact.entityId, fact]));
    expect(facts.get("light.own")).toMatchObject({ area: "Hall", domain: "light", platform: "mqtt" });
    expect(facts.get("light.device")?.area).toBe("Bedroom");
    expect(facts.get("light.child")?.area).toBe("Bedroom");
    expect(facts.get("sun.sun")).toMatchObject({ name: "Sun 🌞", deviceClass: "d", unit: "u", area: null, platform: null, kind: null });
    expect(facts.has("light.off")).toBe(false);
  });

  test("an entity that this app published over MQTT is known as its own, also under another name", async () => {
    const entity = (entity_id: string, platform: string, unique_id: unknown) => ({ entity_id, platform, unique_id });
    const registries = await parseRegistries(
      [
        entity("binary_sensor.does_anna_doze", "mqtt", ownUniqueId("ml_data_layer", "is_sleep")),
        entity("binary_sensor.foreign", "mqtt", "0x0017/occupancy"),
        entity("binary_sensor.numbered", "mqtt", 7),
        entity("binary_sensor.claimed", "zha", ownUniqueId("ml_data_layer", "is_sleep")),
      ],
      [],
      [],
    );
    const facts = await entityFacts([], registries);
    // Broken once: it was an entity of MQTT's like any other, and `binary_sensor.does_anna_doze` a feature that says the answer.
    expect(facts.map(({ platform }) => platform)).toEqual([OWN_PLATFORM, "mqtt", "mqtt", "zha"]);
  });

  test("an entry of a registry that is not understood is left out, and the others stay", async () => {
    const entities = [{ entity_id: "light.a", name: 7 }, { entity_id: null }, "x"];
    expect(await parseRegistries(entities, [{}], [{ area_id: "hall", name: "Hall" }])).toMatchObject({
      entities: [{ entity_id: "light.a", name: null }],
      devices: [],
      areas: [{ name: "Hall" }],
      malformed: 3,
    });
  });

  test("a config without optional fields is read, one without a zone is refused", () => {
    expect(parseConfig({ version: "2025.1.4", time_zone: "UTC" })).toMatchObject({ isRunning: true, latitude: null });
    expect(parseConfig({ version: "1", time_zone: "UTC", state: "STARTING" }).isRunning).toBe(false);
    expect(() => parseConfig({ version: "1" })).toThrow();
  });
});

describe("address", () => {
  test("what people type becomes the websocket's address", () => {
    expect(urlOf("http://homeassistant.local:8123")).toBe("ws://homeassistant.local:8123/api/websocket");
    expect(urlOf(" https://my.home/ ")).toBe("wss://my.home/api/websocket");
    expect(urlOf("homeassistant.local:8123")).toBe("ws://homeassistant.local:8123/api/websocket");
    expect(urlOf("[fd00::1]:8123")).toBe("ws://[fd00::1]:8123/api/websocket");
    expect(urlOf("http://supervisor/core")).toBe("ws://supervisor/core/api/websocket");
    expect(urlOf("ws://supervisor/core/websocket")).toBe("ws://supervisor/core/websocket");
    expect(urlOf("ws://h:1/api/websocket/")).toBe("ws://h:1/api/websocket");
  });

  test("what cannot be an address is refused with an example", () => {
    for (const text of ["", "  ", "http://", "ftp://x", "http://user:secret@x:8123", "http://a b"]) {
      expect(urlOf(text), text).toMatch(/^refused: .*http:\/\/homeassistant\.local:8123/);
      expect(urlOf(text)).not.toContain("secret");
    }
  });

  test("what stands before an @ is never said", () => {
    expect(urlOf("http://anna:hush@")).toMatch(/^refused: (?!.*hush)/);
    expect(urlOf("http://anna:hush@home:8123")).toMatch(/^refused: (?!.*hush)/);
  });
});
