import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIngest } from "../../src/flow/ingest/ingest.ts";
import type { Ingest } from "../../src/flow/ingest/ingest-options.ts";
import { createHome, type Home } from "../../src/hass/home.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createModelStore } from "../helpers/model-store.ts";

const url = process.env["HA_URL"];
const token = process.env["HA_TOKEN"];
const isThere = Boolean(url && token);
if (!isThere) process.stderr.write("tests/ha/ingest.test.ts: skipped, because HA_URL and HA_TOKEN do not name a Home Assistant.\n");

const LEVEL = "input_number.level";

describe.skipIf(!isThere)("a real Home Assistant", () => {
  const clock = createSystemClock();
  const store = createModelStore();
  let home: Home;
  let ingest: Ingest;

  async function eventually(what: () => boolean, limitMs: number): Promise<number> {
    const beganMs = performance.now();
    while (!what()) {
      if (performance.now() - beganMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
      await pause(20);
    }
    return performance.now() - beganMs;
  }
  const setLevel = (value: number): Promise<unknown> =>
    home.callService({ domain: "input_number", service: "set_value", entityId: LEVEL, fields: { value } });
  const ofLevel = (): string[] => store.contents().filter((row) => row.startsWith(LEVEL));

  beforeAll(async () => {
    home = createHome({
      url: url ?? "",
      token: token ?? "",
      clock,
      onState: (state) => (state.kind === "connected" ? ingest.connected() : ingest.disconnected()),
    });
    const choice = { include: [], exclude: [], always: ["input_datetime.sleep_start"] };
    ingest = createIngest({ home, store, clock, choice, backfillDays: 12 });
    home.start();
    await eventually(() => ingest.status().isListening, 15_000);
  });
  afterAll(async () => {
    await ingest.stop();
    await home.stop();
  });

  test("a changed entity is stored within 3 s, and history tells the very same row", async () => {
    const value = 1 + (Math.floor(clock.nowMs() / 1000) % 99);
    await setLevel(value === 50 ? 51 : 50);
    await setLevel(value);
    expect(await eventually(() => ofLevel().some((row) => row.endsWith(`=${value}.0`)), 3_000)).toBeLessThan(3_000);
    await pause(3_000); // the recorder commits within a second or two
    const nowMs = Math.floor(clock.nowMs());
    const { events } = await home.history({ entityIds: [LEVEL], fromMs: nowMs - 10_000, toMs: nowMs, withStartState: false });
    expect(events.length).toBeGreaterThanOrEqual(2);
    for (const event of events)
      expect(store.rows.get(`${event.entityId}@${event.updatedUs}`)).toMatchObject({ state: event.state, source: "live" });
  });

  test("changes of attributes alone are left out, forced and removed states are kept, live and by history alike", async () => {
    const entityId = "sensor.ingest_probe";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const say = (method: string, body?: object): Promise<Response> =>
      fetch(`${url}/api/states/${entityId}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const fromMs = Math.floor(clock.nowMs()) - 1_000;
    await say("POST", { state: "17", attributes: { n: 1 } });
    await say("POST", { state: "17", attributes: { n: 2 } });
    await say("POST", { state: "17", attributes: { n: 2 }, force_update: true });
    await say("DELETE");
    await pause(4_000);
    const live = [...store.rows.values()].filter((row) => row.entityId === entityId && row.updatedUs > fromMs * 1_000);
    expect(live.map((row) => [row.state, row.source])).toEqual([
      ["17", "live"],
      ["17", "live"],
      ["", "live"],
    ]);
    const toMs = Math.floor(clock.nowMs());
    const { events, rows } = await home.history({ entityIds: [entityId], fromMs, toMs, withStartState: false });
    expect(rows).toBe(4);
    expect(events.map((row) => [row.updatedUs, row.state])).toEqual(live.map((row) => [row.updatedUs, row.state]));
  });

  test("the back-fill ends by itself and leaves every row of the recorder stored", async () => {
    await eventually(() => ingest.status().backfill?.isComplete === true, 60_000);
    const states = await home.states();
    const nowMs = Math.floor(clock.nowMs());
    for (let i = 0; i < states.length; i += 50) {
      const entityIds = states.slice(i, i + 50).map((state) => state.entityId);
      const { events } = await home.history({ entityIds, fromMs: nowMs - 3_600_000, toMs: nowMs - 10_000, withStartState: false });
      expect(events.filter((event) => !store.rows.has(`${event.entityId}@${event.updatedUs}`))).toEqual([]);
    }
  });

  test("the facts of entities come from the registries", async () => {
    const facts = new Map((await home.facts()).map((fact) => [fact.entityId, fact]));
    expect(facts.get(LEVEL)).toMatchObject({ domain: "input_number", platform: "input_number", kind: null });
    expect((await home.config()).timeZone).toContain("/");
  });

  test("the adjoining halves of a span hold the same rows as the whole", async () => {
    const nowMs = Math.floor(clock.nowMs());
    const entityIds = [LEVEL, "sun.sun"];
    const { events } = await home.history({ entityIds, fromMs: nowMs - 600_000, toMs: nowMs, withStartState: false });
    const cut = events.find((event) => event.entityId === LEVEL);
    const cutMs = Math.floor((cut?.updatedUs ?? (nowMs - 300_000) * 1000) / 1000);
    const first = await home.history({ entityIds, fromMs: nowMs - 600_000, toMs: cutMs, withStartState: false });
    const second = await home.history({ entityIds, fromMs: cutMs, toMs: nowMs, withStartState: false });
    const keys = (rows: typeof events): string[] => rows.map((row) => `${row.entityId}@${row.updatedUs}`).sort();
    expect(keys([...first.events, ...second.events])).toEqual(keys(events));
  });

  test("a service that does not exist is refused in Home Assistant's own words", async () => {
    await expect(home.callService({ domain: "no_such", service: "thing" })).rejects.toThrow(/not found/i);
  });
});
