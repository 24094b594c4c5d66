import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { ingestStore, registryStore } from "../../../src/app/ingest-store.ts";
import { DAY_MS } from "../../../src/core/time.ts";
import type { Choice } from "../../../src/flow/ingest/choice.ts";
import { createIngest } from "../../../src/flow/ingest/ingest.ts";
import { createHome } from "../../../src/hass/home.ts";
import { secondsToUs } from "../../../src/hass/instants.ts";
import type { Db } from "../../../src/store/db.ts";
import { inlineWriter } from "../../../src/store/inline-writer.ts";
import { inlineReader } from "../../../src/store/reads.ts";
import { readEntities } from "../../../src/store/tables/entities.ts";
import { temporaryDatabase } from "../../helpers/database.ts";
import { createModelHome, type HistoryCommand } from "../../helpers/model-home.ts";
import { startScriptedHome } from "../../helpers/scripted-ha.ts";
import { createFastClock } from "../../helpers/test-clock.ts";

const FASTER = 200; // a minute takes 0.3 s
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function eventually(what: () => boolean): Promise<void> {
  for (let waited = 0; waited < 8_000; waited += 10) {
    if (what()) return;
    await pause(10);
  }
  throw new Error(`never: ${what}`);
}

interface Entry {
  readonly entity_id: string;
  readonly id: string;
  readonly area_id: string | null;
}

/** The model home with registries behind a real websocket, and the app's ingest on a real file. */
async function createScene() {
  const clock = createFastClock(FASTER);
  const model = createModelHome((entityId) => !entityId.endsWith("_secret"));
  const entries = new Map<string, Entry>();
  const server = await startScriptedHome();
  ended.push(server.stop);
  let registryDelayMs = 0;
  let registryFails = 0;
  server.on("get_states", () => model.states());
  server.on("history/history_during_period", (command) => {
    const answer = model.history(command as unknown as HistoryCommand, seconds());
    // As the recorder does with what integrations mark so, a light's brightness for one.
    for (const row of Object.values(answer).flat()) row["a"] = { ...(row["a"] as object), unrecorded: undefined };
    return answer;
  });
  server.on("recorder/list_statistic_ids", () => []);
  server.on("config/entity_registry/list", async () => {
    const list = [...entries.values()];
    await pause(registryDelayMs);
    if (registryFails-- > 0) throw { code: "unknown_error", message: "busy" };
    return list;
  });
  server.on("config/device_registry/list", () => []);
  server.on("config/area_registry/list", () => ["hall", "attic"].map((area_id) => ({ area_id, name: `The ${area_id}` })));
  let counter = 0;

  function seconds(): number {
    return clock.nowMs() / 1000;
  }
  function enter(entityId: string, area: string | null): void {
    entries.set(entityId, { entity_id: entityId, id: entries.get(entityId)?.id ?? `registry ${entityId}`, area_id: area });
  }
  function told(action: "create" | "update", entityId: string): void {
    server.emit({ event_type: "entity_registry_updated", data: { action, entity_id: entityId } });
  }
  function change(entityId: string, attributes: Readonly<Record<string, unknown>> = {}): void {
    counter += 1;
    const event = model.set(entityId, { state: `s${counter}`, attributes }, seconds());
    if (event !== null) server.emit(event);
  }
  function rename(from: string, to: string): void {
    const { id, area_id } = entries.get(from)!;
    entries.delete(from);
    entries.set(to, { entity_id: to, id, area_id });
    for (const event of model.rename(from, to, seconds())) server.emit(event);
  }
  function startApp(db: Db, choice: Partial<Choice>) {
    const findings: string[][] = [];
    const newly: string[] = [];
    const parts = { writer: inlineWriter(db), reads: inlineReader(db) };
    const home = createHome({
      url: server.url,
      token: "t",
      clock,
      onState: (state) => (state.kind === "connected" ? ingest.connected() : ingest.disconnected()),
    });
    const ingest = createIngest({
      home,
      store: ingestStore(parts, clock),
      clock,
      choice: { include: [], exclude: [], always: [], ...choice },
      registry: {
        subscribe: (onUpdate) => home.subscribeRegistries(onUpdate),
        facts: (states) => home.facts(states),
        ...registryStore(parts, clock),
      },
      backfillDays: 30,
      onFindings: (found) => void findings.push([...found]),
      onNewlyChosen: (entityIds) => void newly.push(...entityIds),
    });
    home.start();
    const stop = async (): Promise<void> => {
      await ingest.stop();
      await home.stop();
    };
    ended.push(stop);
    return { home, ingest, stop, findings, newly };
  }
  const settled = (app: ReturnType<typeof startApp>): Promise<void> =>
    eventually(
      () =>
        app.ingest.status().backfill?.isComplete === true && app.ingest.status().lastRepair !== null && !app.ingest.status().isRepairing,
    );
  /** Rows of the recorder that are to be stored, of those entities. */
  const truth = (isWanted: (entityId: string) => boolean): string[] =>
    model
      .rows()
      .filter((row) => row.changed === row.updated && isWanted(row.entityId))
      .map((row) => `${row.entityId}@${secondsToUs(row.updated)}=${row.state}`)
      .sort();
  const slowRegistries = (delayMs: number): void => {
    registryDelayMs = delayMs;
  };
  const failRegistries = (times: number): void => {
    registryFails = times;
  };
  return { clock, model, server, enter, told, change, rename, startApp, settled, truth, slowRegistries, failRegistries };
}

function stored(db: Db): string[] {
  return db
    .all<{ text: string }>(
      `SELECT e.entity_id || '@' || r.updated_us || '=' || r.state AS text FROM raw_events r JOIN entities e ON e.id = r.entity_id
       WHERE r.source <> 4 ORDER BY 1`,
    )
    .map(({ text }) => text);
}

describe("the choice follows the registries", () => {
  test("areas decide from the first event on, though they are known only later and the recorder could not help", async () => {
    const { enter, change, startApp, settled, truth, slowRegistries } = await createScene();
    slowRegistries(300);
    enter("light.hall_secret", "hall");
    enter("light.attic_secret", "attic");
    const db = temporaryDatabase();
    const app = startApp(db, { exclude: ["area:The attic"] });
    await eventually(() => app.ingest.status().isListening);
    for (let n = 0; n < 5; n += 1) for (const entityId of ["light.hall_secret", "light.attic_secret", "light.no_secret"]) change(entityId);
    await settled(app);
    await app.ingest.flush();
    expect(stored(db)).toEqual(truth((entityId) => entityId !== "light.attic_secret"));
    expect(stored(db).length).toBe(10);
  });

  test("registries that cannot be read hold nothing up: what is known decides, and they are asked again", async () => {
    const { enter, change, startApp, truth, failRegistries } = await createScene();
    failRegistries(2);
    enter("light.hall", "hall");
    change("light.hall");
    const db = temporaryDatabase();
    const app = startApp(db, { include: ["light.*", "area:The hall"] });
    await eventually(() => app.ingest.status().isListening);
    change("light.hall");
    await eventually(() => stored(db).length === 2);
    await eventually(() => readEntities(db).some(({ area }) => area === "The hall"));
    expect(stored(db)).toEqual(truth(() => true));
  });

  test("an entity that is made in a chosen area while we listen is stored from its first event on, one made elsewhere never", async () => {
    const { enter, told, change, startApp, settled, truth, slowRegistries } = await createScene();
    enter("light.hall", "hall");
    change("light.hall");
    const db = temporaryDatabase();
    const app = startApp(db, { include: ["area:The hall"] });
    await settled(app);
    slowRegistries(100);
    for (const [entityId, area] of [
      ["light.new", "hall"],
      ["light.other", "attic"],
    ] as const) {
      enter(entityId, area);
      told("create", entityId);
      for (let n = 0; n < 3; n += 1) change(entityId);
    }
    await eventually(() => readEntities(db).some(({ entityId }) => entityId === "light.new"));
    await app.ingest.flush();
    expect(stored(db)).toEqual(truth((entityId) => entityId !== "light.other"));
    expect(app.newly).toEqual([]);
  });

  test("an entity that moves into a chosen area is stored with its past, and one that moves out no longer", async () => {
    const { clock, model, enter, told, change, startApp, settled, truth } = await createScene();
    for (const [entityId, area] of [
      ["light.hall", "hall"],
      ["light.moves", "attic"],
    ] as const) {
      enter(entityId, area);
      for (let day = 3; day > 0; day -= 1) model.set(entityId, { state: `day ${day}` }, (clock.nowMs() - day * DAY_MS) / 1000);
    }
    const db = temporaryDatabase();
    const app = startApp(db, { include: ["area:The hall"] });
    await settled(app);
    change("light.moves");
    change("light.hall");
    enter("light.moves", "hall");
    enter("light.hall", "attic");
    told("update", "light.moves");
    await eventually(() => app.newly.length === 1);
    const truthOfHall = truth((entityId) => entityId === "light.hall");
    change("light.moves");
    change("light.hall");
    const wanted = (): string[] => [...truthOfHall, ...truth((entityId) => entityId === "light.moves")].sort();
    await eventually(() => stored(db).length >= wanted().length);
    expect(stored(db)).toEqual(wanted());
    expect(app.newly).toEqual(["light.moves"]);
  });

  test("patterns that match nothing are told, and told to be in order once they match", async () => {
    const { enter, told, change, startApp } = await createScene();
    enter("light.hall", "hall");
    change("light.hall");
    const app = startApp(temporaryDatabase(), { exclude: ["area:The attic"], attributes: ["light.*#brightness"] });
    await eventually(() => app.findings.length === 1);
    expect(app.findings[0]).toEqual([
      'exclude: "area:The attic" matches no entity. There are the areas with entities The hall.',
      'attributes: "light.*#brightness" matches entities, but none has that attribute now.',
    ]);
    enter("light.attic", "attic");
    change("light.attic", { brightness: 3 });
    told("create", "light.attic");
    await eventually(() => app.findings.at(-1)?.length === 0);
  });
});

describe("renamed entities", () => {
  test("renamed while we listen, its events before, between and after are one entity's, live and fetched again", async () => {
    const { server, enter, change, rename, startApp, settled, truth, slowRegistries } = await createScene();
    enter("light.old", "hall");
    change("light.old", { brightness: 1 });
    const db = temporaryDatabase();
    const app = startApp(db, { attributes: ["light.*#brightness"] });
    await settled(app);
    slowRegistries(100);
    change("light.old", { brightness: 2 });
    rename("light.old", "light.renamed");
    change("light.renamed", { brightness: 3 });
    await eventually(() => readEntities(db).some(({ entityId }) => entityId === "light.renamed"));
    change("light.renamed", { brightness: 3 });
    server.closeAll(1000);
    await eventually(() => app.home.counts().connections === 2);
    await settled(app);
    await app.ingest.flush();
    expect(stored(db).filter((row) => !row.includes("#"))).toEqual(truth(() => true));
    expect(
      stored(db)
        .filter((row) => row.includes("#"))
        .map((row) => row.replace(/@\d+/, "")),
    ).toEqual(["1", "2", "2", "3"].map((value) => `light.renamed#brightness=${value}`));
    expect(readEntities(db).map(({ entityId, formerIds }) => [entityId, formerIds])).toEqual([
      ["light.renamed", ["light.old"]],
      ["light.renamed#brightness", []],
    ]);
  });

  test("made and renamed before its registry entry was read, it is one entity all the same", async () => {
    const { enter, told, change, rename, startApp, settled, truth, slowRegistries } = await createScene();
    enter("light.hall", "hall");
    change("light.hall");
    const db = temporaryDatabase();
    const app = startApp(db, { exclude: ["area:The attic"] });
    await settled(app);
    slowRegistries(60);
    enter("light.old", "hall");
    told("create", "light.old");
    change("light.old");
    change("light.old");
    rename("light.old", "light.renamed");
    change("light.renamed");
    await eventually(() => readEntities(db).some(({ entityId }) => entityId === "light.renamed"));
    await eventually(() => app.ingest.status().live.held === 0 && stored(db).length === 5);
    expect(stored(db)).toEqual(truth(() => true));
    expect(readEntities(db).map(({ entityId }) => entityId)).toEqual(["light.hall", "light.renamed"]);
  });

  test("renamed while nobody listened, it is the same entity, and nothing is stored twice", async () => {
    const { enter, change, rename, startApp, settled, truth, slowRegistries } = await createScene();
    enter("light.old", "hall");
    for (let n = 0; n < 4; n += 1) change("light.old");
    const db = temporaryDatabase();
    const first = startApp(db, {});
    await settled(first);
    await first.stop();
    change("light.old");
    rename("light.old", "light.renamed");
    change("light.renamed");
    slowRegistries(200);
    const second = startApp(db, {});
    await eventually(() => second.ingest.status().isListening);
    change("light.renamed");
    await second.ingest.flush();
    await settled(second);
    await eventually(() => stored(db).length >= truth(() => true).length);
    expect(stored(db)).toEqual(truth(() => true));
    expect(readEntities(db).map(({ entityId }) => entityId)).toEqual(["light.renamed"]);
  });
});

describe("chosen attributes", () => {
  test("live, missed and restarted: the rows are those that the recorder's own rows give, and no gap is told of them", async () => {
    const { server, model, clock, enter, change, startApp, settled } = await createScene();
    enter("climate.x", "hall");
    const set = (temperature: number, isMissed = false): void => {
      const event = model.set("climate.x", { state: "heat", attributes: { temperature, n: clock.nowMs() } }, clock.nowMs() / 1000);
      if (event !== null && !isMissed) server.emit(event);
    };
    for (const value of [20, 20, 21, 22]) set(value);
    const db = temporaryDatabase();
    const options: Partial<Choice> = { include: ["light.*"], attributes: ["climate.*#temperature"] };
    const first = startApp(db, options);
    await settled(first);
    for (const value of [22, 23, 23]) set(value);
    server.closeAll(1000);
    for (const value of [24, 23]) set(value, true);
    await eventually(() => first.home.counts().connections === 2);
    await settled(first);
    set(25);
    await first.ingest.flush();
    await first.stop();
    for (const value of [25, 26, 26]) set(value, true);
    const second = startApp(db, options);
    change("light.a");
    await settled(second);
    const values = (): string[] => {
      const rows = db.all<{ state: string }>(
        "SELECT r.state FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE e.entity_id = 'climate.x#temperature' AND r.source <> 4 ORDER BY r.updated_us",
      );
      return rows.map(({ state }) => state);
    };
    await eventually(() => values().length >= 8);
    expect(values()).toEqual(["20", "21", "22", "23", "24", "23", "25", "26"]);
    await eventually(() => db.all("SELECT 1 FROM gaps WHERE outcome = 'open'").length === 0);
    expect(db.all("SELECT outcome FROM gaps WHERE outcome <> 'filled'")).toEqual([]);
    expect(stored(db).filter((row) => row.startsWith("climate.x@"))).toEqual([]);
    expect(stored(db).filter((row) => row.endsWith("="))).toEqual([]);
    expect(readEntities(db).find(({ entityId }) => entityId === "climate.x#temperature")).toMatchObject({
      derivedFrom: "climate.x",
      attribute: "temperature",
      deviceClass: "temperature",
      kind: "numeric",
      area: "The hall",
    });
  });

  test("one that the recorder leaves out: live values are stored, and of what was missed the newest, which the ledger says", async () => {
    const { server, model, clock, enter, startApp, settled } = await createScene();
    enter("light.x", "hall");
    const set = (unrecorded: number | undefined, isMissed = false): void => {
      const attributes = unrecorded === undefined ? {} : { unrecorded };
      const event = model.set("light.x", { state: "on", attributes }, clock.nowMs() / 1000);
      if (event !== null && !isMissed) server.emit(event);
    };
    set(1);
    const db = temporaryDatabase();
    const app = startApp(db, { include: ["input_datetime.*"], attributes: ["light.*#unrecorded"] });
    await settled(app);
    set(2);
    set(undefined);
    await pause(20);
    server.closeAll(1000);
    set(3, true);
    set(4, true);
    await eventually(() => app.home.counts().connections === 2);
    await eventually(() => db.all("SELECT 1 FROM gaps WHERE outcome <> 'open'").length > 0);
    await app.ingest.flush();
    const rows = db.all<{ state: string; source: number }>("SELECT state, source FROM raw_events ORDER BY updated_us");
    expect(rows.map(({ state, source }) => [state, source === 4])).toEqual([
      ["1", true],
      ["2", false],
      ["", false],
      ["4", true],
    ]);
    expect(db.all("SELECT reason, outcome, why FROM gaps")).toEqual([
      { reason: "disconnected", outcome: "partly", why: "not in the recorder" },
    ]);
  });
});
