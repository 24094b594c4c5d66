import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributeFacts, attributeText } from "../../../src/core/events/attribute.ts";
import { domainOf } from "../../../src/core/events/entity.ts";
import { withAttributes } from "../../../src/flow/ingest/attributes.ts";
import { compare, OVERLAP_MS } from "../../../src/flow/ingest/differences.ts";
import type { HistoryRequest, HomePort, StateChange } from "../../../src/flow/ingest/ports.ts";
import { historyMessage, parseHistory } from "../../../src/hass/history.ts";
import { secondsToUs } from "../../../src/hass/instants.ts";
import { parseStateChange, parseStates } from "../../../src/hass/state-change.ts";
import { createModelHome, type HistoryCommand } from "../../helpers/model-home.ts";

const BEGAN = 1_770_000_000;

/** A model home with its history, and what of `climate.x` and `light.y` is chosen. */
function createScene() {
  const model = createModelHome();
  const asked: HistoryRequest[] = [];
  const chosen: Readonly<Record<string, readonly string[]>> = { "climate.x": ["temperature", "list"], "light.y": [] };
  const port = {
    subscribe: () => Promise.resolve(),
    states: () => Promise.resolve(parseStates(model.states()).states),
    history: (request: HistoryRequest) => {
      asked.push(request);
      return Promise.resolve(parseHistory(model.history(historyMessage(request) as unknown as HistoryCommand, 2e9), request));
    },
  } as Pick<HomePort, "subscribe" | "states" | "history"> as HomePort;
  const home = withAttributes(port, (entityId) => chosen[entityId] ?? []);
  const live: StateChange[] = [];
  const hear = (event: unknown): void => {
    const change = parseStateChange(event);
    if (change !== null) home.spread(change, (each) => void live.push(each));
  };
  return { model, home, live, hear, asked };
}

const step = fc.record({
  state: fc.constantFrom("heat", "off", "unavailable"),
  temperature: fc.constantFrom(20, 20.5, null, undefined, "21"),
  list: fc.constantFrom([1, 2], [1], "x".repeat(300), "y".repeat(300)),
  isRemoved: fc.boolean(),
  seconds: fc.double({ min: 0.001, max: 400, noNaN: true }),
});

describe("attributes as entities of their own", () => {
  test("live and history tell the same rows, wherever the requests are cut, and the start state is no row", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 900 }), async (steps, chunkSeconds) => {
        const { model, home, live, hear } = createScene();
        let at = BEGAN;
        for (const { state, temperature, list, isRemoved, seconds } of steps) {
          at += seconds;
          const attributes = { ...(temperature === undefined ? {} : { temperature }), list, other: at };
          hear(isRemoved && model.states().length > 0 ? model.remove("climate.x", at) : model.set("climate.x", { state, attributes }, at));
        }
        const told = live.filter(({ changedUs, updatedUs, entityId }) => changedUs === updatedUs && entityId !== "climate.x");
        const fetched: string[] = [];
        const toMs = Math.ceil(at * 1000) + 1;
        for (let fromMs = BEGAN * 1000; fromMs < toMs; fromMs += chunkSeconds * 1000) {
          const entityIds = ["climate.x#temperature", "climate.x#list"];
          const page = await home.history({ entityIds, fromMs, toMs: Math.min(toMs, fromMs + chunkSeconds * 1000), withStartState: false });
          fetched.push(...page.events.map(({ entityId, updatedUs, state }) => `${entityId}@${updatedUs}=${state}`));
        }
        const keys = told.map(({ entityId, updatedUs, state }) => `${entityId}@${updatedUs}=${state}`);
        // After it was removed an entity is there anew: live says its values once more, history sees that they did not differ.
        expect(fetched.filter((key) => !keys.includes(key))).toEqual([]);
        expect(keys.filter((key) => !fetched.includes(key) && !key.endsWith("="))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("a row is there only where the value changed; changes of other attributes and of the state bring none", () => {
    const { model, live, hear } = createScene();
    hear(model.set("climate.x", { state: "heat", attributes: { temperature: 20 } }, BEGAN));
    hear(model.set("climate.x", { state: "off", attributes: { temperature: 20 } }, BEGAN + 1));
    hear(model.set("climate.x", { state: "off", attributes: { temperature: 20, n: 1 } }, BEGAN + 2));
    hear(model.set("climate.x", { state: "off", attributes: { temperature: 21, n: 1 } }, BEGAN + 3));
    hear(model.set("light.y", { state: "on", attributes: { temperature: 3 } }, BEGAN + 4));
    expect(live.filter(({ entityId }) => entityId.endsWith("temperature")).map(({ state, updatedUs }) => [state, updatedUs])).toEqual([
      ["20", BEGAN * 1e6],
      ["21", (BEGAN + 3) * 1e6],
    ]);
  });

  test("only entities with chosen attributes are asked for attributes, and only what was asked for comes back", async () => {
    const { model, home, asked } = createScene();
    model.set("climate.x", { state: "heat", attributes: { temperature: 20 } }, BEGAN);
    model.set("light.y", { state: "on" }, BEGAN + 1);
    const span = { fromMs: (BEGAN - 10) * 1000, toMs: (BEGAN + 10) * 1000, withStartState: false };
    const page = await home.history({ entityIds: ["light.y", "climate.x#temperature"], ...span });
    expect(page.events.map(({ entityId }) => entityId)).toEqual(["light.y", "climate.x#temperature"]);
    expect(asked.map((request) => [request.entityIds, historyMessage(request)["no_attributes"]])).toEqual([
      [["light.y"], true],
      [["climate.x"], false],
    ]);
    await home.history({ entityIds: ["climate.x", "light.y"], ...span });
    expect(asked.at(-1)?.attributes).toBeUndefined();
  });

  test("a start state is the value that held then, as an anchor", async () => {
    const { model, home } = createScene();
    model.set("climate.x", { state: "heat", attributes: { temperature: 20 } }, BEGAN);
    const fromMs = (BEGAN + 5) * 1000;
    const page = await home.history({ entityIds: ["climate.x#temperature"], fromMs, toMs: fromMs + 1000, withStartState: true });
    expect(page.events).toEqual([
      { entityId: "climate.x#temperature", state: "20", updatedUs: fromMs * 1000, knownAtMs: null, source: "anchor" },
    ]);
  });

  test("the newest value never takes the identity of the row that brought it", async () => {
    const { model, home } = createScene();
    model.set("climate.x", { state: "heat", attributes: { temperature: 20 } }, BEGAN);
    const states = await home.states();
    expect(states.map(({ entityId, state, updatedUs }) => [entityId, state, updatedUs - secondsToUs(BEGAN)])).toEqual([
      ["climate.x", "heat", 0],
      ["climate.x#temperature", "20", 1],
      ["climate.x#list", "", 1],
    ]);
  });

  test("values of a megabyte are not stored, end what was known, and are counted", () => {
    const { model, home, live, hear } = createScene();
    hear(model.set("climate.x", { state: "heat", attributes: { temperature: 20, list: "short" } }, BEGAN));
    hear(model.set("climate.x", { state: "heat", attributes: { temperature: "x".repeat(1 << 20), list: "short" } }, BEGAN + 1));
    hear(model.set("climate.x", { state: "heat", attributes: { temperature: 20, list: Array(100_000).fill("xy") } }, BEGAN + 2));
    expect(live.filter(({ entityId }) => entityId !== "climate.x").map(({ state }) => state)).toEqual([
      "20",
      "short",
      "unknown",
      "20",
      "unknown",
    ]);
    expect(home.tooLong()).toBe(2);
  });
});

describe("what of attributes was missed", () => {
  const GAP = { id: 1, entityId: null, fromMs: 5_000, toMs: 9_000, reason: "disconnected" } as const;
  const state = (entityId: string, updatedUs: number): StateChange => ({
    entityId,
    state: "x",
    changedUs: updatedUs,
    updatedUs,
    userId: null,
  });

  test("one whose entity was updated in the gap is fetched from the gap's begin on, not from its own last row", () => {
    const { differences, unstored } = compare([state("climate.x#t", 7_000_000)], new Map([["climate.x#t", 1_000_000]]), GAP);
    expect(differences).toEqual([{ entityId: "climate.x#t", fromMs: GAP.fromMs - OVERLAP_MS }]);
    expect(unstored).toHaveLength(1);
  });

  test("one whose entity was last updated before the gap is not: its value may be older than the update, or it would be fetched for ever", () => {
    const newest = new Map([["climate.x#t", 1_000_000]]);
    expect(compare([state("climate.x#t", 4_000_000)], newest, GAP)).toEqual({ differences: [], unstored: [] });
    expect(compare([state("climate.x#t", 7_000_000)], newest, null)).toEqual({ differences: [], unstored: [] });
  });
});

describe("what an attribute is", () => {
  test("its text is its value, at most 255 characters", () => {
    const of = (value: unknown): string => attributeText({ a: value }, "a");
    expect([of(20.5), of("20.5"), of(true), of([1, "x"]), of({ a: 1 }), of(null), of(undefined), attributeText(null, "a")]).toEqual([
      "20.5",
      "20.5",
      "true",
      '[1,"x"]',
      '{"a":1}',
      "",
      "",
      "",
    ]);
    fc.assert(fc.property(fc.anything(), (value) => of(value).length <= 255));
    expect(of("😀".repeat(127))).toBe("😀".repeat(127));
  });

  test("its class follows from its name, its kind from its value, its area from its entity", () => {
    const climate = "climate.living";
    const of = {
      entityId: climate,
      domain: domainOf(climate),
      deviceClass: null,
      unit: null,
      area: "Hall",
      name: "Heating",
      platform: "x",
      kind: null,
    };
    expect(attributeFacts(of, "current_temperature", "20.5")).toMatchObject({
      entityId: "climate.living#current_temperature",
      domain: "climate",
      deviceClass: "temperature",
      area: "Hall",
      kind: "numeric",
      derivedFrom: climate,
      attribute: "current_temperature",
    });
    expect(["", "unknown", "true", "heating"].map((text) => attributeFacts(of, "x", text).kind)).toEqual([
      null,
      null,
      "binary",
      "categorical",
    ]);
  });
});
