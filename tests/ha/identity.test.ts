import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ingestStore, registryStore } from "../../src/app/ingest-store.ts";
import { withAttributes } from "../../src/flow/ingest/attributes.ts";
import { createIngest } from "../../src/flow/ingest/ingest.ts";
import { createHome, type Home } from "../../src/hass/home.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import type { Db } from "../../src/store/db.ts";
import { openForWriting } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { migrate } from "../../src/store/migrate.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { readEntities } from "../../src/store/tables/entities.ts";
import { isBeforeSupport } from "../helpers/home-release.ts";
import { openAuthenticated, type RawClient } from "../protocol/raw-client.ts";

const url = process.env["HA_URL"];
const token = process.env["HA_TOKEN"];
const isThere = Boolean(url && token);
if (!isThere) process.stderr.write("tests/ha/identity.test.ts: skipped, because HA_URL and HA_TOKEN do not name a Home Assistant.\n");

const CLIMATE = "climate.attribute_probe";
const MARK = `probe_${Date.now() % 1e8}`;

describe.skipIf(!isThere)("identity of entities beside a real Home Assistant", () => {
  const clock = createSystemClock();
  let db: Db;
  let home: Home;
  let ingest: ReturnType<typeof createIngest>;
  let client: RawClient;
  const newly: string[] = [];

  async function eventually<T>(what: () => T | undefined, limitMs = 20_000): Promise<T> {
    const beganMs = performance.now();
    for (;;) {
      const found = what();
      if (found !== undefined && found !== false) return found;
      if (performance.now() - beganMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
      await pause(50);
    }
  }
  const say = async (state: string, attributes: object): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    await fetch(`${url}/api/states/${CLIMATE}`, { method: "POST", headers, body: JSON.stringify({ state, attributes }) });
  };
  const toggle = (entityId: string): Promise<unknown> => home.callService({ domain: "input_boolean", service: "toggle", entityId });
  /** A switch of this test's own, once it is known and has changed. */
  const made = async (name: string): Promise<string> => {
    await client.result({ type: "input_boolean/create", name: `${MARK} ${name}` });
    const entityId = `input_boolean.${MARK}_${name}`;
    await toggle(entityId);
    await eventually(() => readEntities(db).find((entity) => entity.entityId === entityId));
    return entityId;
  };
  const stored = async (entityId: string): Promise<string[]> => {
    await ingest.flush();
    return db
      .all<{ us: number; state: string }>(
        "SELECT r.updated_us AS us, r.state FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE e.entity_id = ? AND r.source <> 4 ORDER BY 1",
        entityId,
      )
      .map(({ us, state }) => `${us} ${state}`);
  };
  const recorded = async (entityId: string): Promise<string[]> => {
    const toMs = Math.floor(clock.nowMs());
    const names = entityId.includes("#") ? [entityId.split("#")[1]!] : [];
    const page = await withAttributes(home, () => names).history({
      entityIds: [entityId],
      fromMs: toMs - 600_000,
      toMs,
      withStartState: false,
    });
    return page.events.map(({ updatedUs, state }) => `${updatedUs} ${state}`);
  };

  beforeAll(async () => {
    db = openForWriting(":memory:");
    migrate(db, clock.nowMs());
    client = await openAuthenticated(url ?? "", token ?? "", false);
    const parts = { writer: inlineWriter(db), reads: inlineReader(db) };
    home = createHome({
      url: url ?? "",
      token: token ?? "",
      clock,
      onState: (state) => (state.kind === "connected" ? ingest.connected() : ingest.disconnected()),
    });
    ingest = createIngest({
      home,
      store: ingestStore(parts, clock),
      clock,
      choice: {
        include: ["input_boolean.*", `area:${MARK}`],
        exclude: ["area:left_out"],
        always: [],
        attributes: ["climate.*#temperature", "climate.*#list"],
      },
      registry: {
        subscribe: (onUpdate) => home.subscribeRegistries(onUpdate),
        facts: (states) => home.facts(states),
        ...registryStore(parts, clock),
      },
      backfillDays: 1,
      onNewlyChosen: (entityIds) => void newly.push(...entityIds),
    });
    home.start();
    await eventually(() => ingest.status().isListening && readEntities(db).length > 0);
  });
  afterAll(async () => {
    await ingest.stop();
    await home.stop();
    client.end();
    db.close();
  });

  test("attributes as entities: the rows told live are the very rows of the recorder, and the entity itself stays out", async () => {
    await say("heat", { temperature: 20.5, list: [1, 2], n: 0 });
    await say("heat", { temperature: 20.5, list: [1, 2], n: 1 });
    await say("off", { temperature: 20.5, list: [2, 1], n: 1 });
    await say("off", { temperature: 21, list: "x".repeat(300), n: 1 });
    await say("off", { list: "y".repeat(300), n: 1 });
    await pause(4_000); // the recorder commits within a second or two
    const temperatures = await stored(`${CLIMATE}#temperature`);
    expect(temperatures.slice(-3).map((row) => row.split(" ")[1])).toEqual(["20.5", "21", ""]);
    expect(await recorded(`${CLIMATE}#temperature`)).toEqual(temperatures);
    const lists = await stored(`${CLIMATE}#list`);
    expect(lists.slice(-3).map((row) => row.split(" ")[1])).toEqual(["[1,2]", "[2,1]", "unknown"]);
    expect(await recorded(`${CLIMATE}#list`)).toEqual(lists);
    expect(await stored(CLIMATE)).toEqual([]);
  });

  test.skipIf(isBeforeSupport())(
    "a renamed entity: its rows are the recorder's under the new name, and fetching them again brings none",
    async () => {
      const [old, renamed] = [await made("old"), `input_boolean.${MARK}_renamed`];
      await toggle(old);
      await client.result({ type: "config/entity_registry/update", entity_id: old, new_entity_id: renamed });
      await eventually(() => readEntities(db).find(({ entityId }) => entityId === renamed));
      await toggle(renamed);
      await pause(4_000);
      const rows = await stored(renamed);
      expect(rows.length).toBeGreaterThanOrEqual(4);
      expect(await recorded(renamed)).toEqual(rows);
      expect(readEntities(db).find(({ entityId }) => entityId === renamed)?.formerIds).toEqual([old]);
      expect(readEntities(db).some(({ entityId }) => entityId === old)).toBe(false);
      expect(await ingest.fetch(clock.nowMs() - 600_000, clock.nowMs())).toBe(0);
    },
  );

  test.skipIf(isBeforeSupport())("made and renamed at once, before anything of it was known, it is one entity all the same", async () => {
    await client.result({ type: "input_boolean/create", name: `${MARK} quick` });
    const [old, renamed] = [`input_boolean.${MARK}_quick`, `input_boolean.${MARK}_slow`];
    await toggle(old);
    await client.result({ type: "config/entity_registry/update", entity_id: old, new_entity_id: renamed });
    await pause(4_000);
    const rows = await stored(renamed);
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect(await recorded(renamed)).toEqual(rows);
    expect(readEntities(db).some(({ entityId }) => entityId === old)).toBe(false);
  });

  test("an entity that is moved into an area that is left out is stored no longer, and moved back it is chosen anew", async () => {
    const moved = await made("moved");
    const area = (await client.result({ type: "config/area_registry/create", name: "left_out" })) as { area_id: string };
    const move = (areaId: string | null): Promise<unknown> =>
      client.result({ type: "config/entity_registry/update", entity_id: moved, area_id: areaId });
    try {
      await move(area.area_id);
      await eventually(() => readEntities(db).find((entity) => entity.entityId === moved && entity.area === "left_out"));
      const before = await stored(moved);
      await toggle(moved);
      await pause(1_000);
      expect(await stored(moved)).toEqual(before);
      await move(null);
      await eventually(() => newly.includes(moved));
      await toggle(moved);
      await eventually(() => db.all("SELECT 1 FROM raw_events").length > 0);
      await pause(1_000);
      expect((await stored(moved)).length).toBeGreaterThan(before.length);
    } finally {
      await client.result({ type: "config/area_registry/delete", area_id: area.area_id });
    }
  });

  test("a removed entity ends with an empty state at the instant that the recorder has", async () => {
    const removed = await made("removed");
    const entry = (await client.result({ type: "config/entity_registry/get", entity_id: removed })) as { unique_id: string };
    await client.result({ type: "input_boolean/delete", input_boolean_id: entry.unique_id });
    await pause(4_000);
    const rows = await stored(removed);
    expect(rows.at(-1)?.split(" ")[1]).toBe("");
    expect((await recorded(removed)).at(-1)).toBe(rows.at(-1));
    await inlineWriter(db).write("saveEntityStates", null);
    expect(db.get<{ ms: number }>("SELECT removed_at_ms AS ms FROM entities WHERE entity_id = ?", removed)?.ms).toBe(
      Math.floor(Number(rows.at(-1)?.split(" ")[0]) / 1000),
    );
  });
});
