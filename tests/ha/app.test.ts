import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type App, endAll, eventually, rowsOf, startApp } from "../e2e/program.ts";
import { SLEEP_END, SLEEP_START } from "../protocol/with-client.ts";
import { type HomeAssistant, startHomeAssistant } from "./home-assistant.ts";
import { missing, recordedRows, storedRows } from "./rows.ts";

const command = process.env["HASS_COMMAND"];
const burstFolder = process.env["HA_BURST"] ?? resolve(import.meta.dirname, "../../../shared/tools/peers/ha_burst");
const hasBurst = existsSync(join(burstFolder, "burst", "manifest.json"));

const LIVE_LIMIT_MS = 3000;
/** The tail of a repair waits a minute for the recorder, again as long as something new comes. */
const REPAIR_LIMIT_MS = 240_000;
const NIGHT = { start: "2026-01-10 23:20:00", end: "2026-01-11 07:10:00", startUtc: "2026-01-10T22:20:00.000Z" };
const NAP = { start: "2026-01-12 14:00:00", end: "2026-01-12 15:30:00", startUtc: "2026-01-12T13:00:00.000Z" };

if (!hasBurst) {
  test.skip(`bursts: no burst component at ${burstFolder}; set HA_BURST to the folder that holds it`, () => undefined);
}
if (command === undefined) {
  test.skip("the app beside a real Home Assistant: set HASS_COMMAND to a command that runs hass", () => undefined);
} else {
  describe("the app beside a real Home Assistant", () => lifeChecks(command));
}

/** One home and one app through all of it; each test goes on where the one before it stopped. */
function lifeChecks(hass: string): void {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ha-app-"));
  const database = join(folder, "app", "ha_ml_data_layer.db");
  const learned = join(folder, "learned", "ha_ml_data_layer.db");
  let home: HomeAssistant;
  let app: App;
  let simulated: App;

  const start = (): App => startApp({ DATA_FOLDER: join(folder, "app"), HA_URL: home.url, HA_TOKEN: home.token });
  const says = (words: string, times: number): Promise<unknown> =>
    eventually(() => (app.stderr().split(words).length > times ? true : null), `the app says ${words}`, 90_000);
  const isStored = (entityId: string, updatedAt: string): unknown =>
    rowsOf(
      database,
      "SELECT 1 FROM vw_raw_events WHERE entity_id = ? AND updated_at_utc = ?",
      entityId,
      `${updatedAt.slice(0, 19)}${(updatedAt.slice(19, -6) || ".").padEnd(7, "0")}Z`,
    )[0];
  const recorder = (): string => join(home.folder, "home-assistant_v2.db");

  async function tellSleep({ start: from, end }: { readonly start: string; readonly end: string }): Promise<void> {
    await home.call("input_datetime.set_datetime", { entity_id: SLEEP_START, datetime: from });
    await home.call("input_datetime.set_datetime", { entity_id: SLEEP_END, datetime: end });
  }
  async function expectOneLabel(startUtc: string, all: number): Promise<void> {
    const labels = (): { start_utc: string }[] => rowsOf(database, "SELECT start_utc FROM vw_labels WHERE status = 'active'");
    await eventually(() => labels().find((label) => label.start_utc === startUtc), "the label", 120_000);
    expect(labels().length).toBe(all);
  }

  /** Until what is stored of the entities is the very set that the recorder holds. */
  async function expectTheSameSet(like: string, atLeast: number): Promise<void> {
    const differences = await eventually(
      () => {
        const [theirs, ours] = [recordedRows(recorder(), like), storedRows(database, like)];
        return theirs.length >= atLeast && theirs.length === ours.length
          ? { missing: missing(theirs, ours), invented: missing(ours, theirs) }
          : null;
      },
      `as many rows as the recorder holds of ${like}, at least ${atLeast}; ${recordedRows(recorder(), like).length} there, ${storedRows(database, like).length} here`,
      REPAIR_LIMIT_MS,
    );
    const [theirs, ours] = [recordedRows(recorder(), like), storedRows(database, like)];
    const there = new Set(theirs);
    const difference = theirs.length + ours.length - 2 * ours.filter((row) => there.has(row)).length;
    process.stdout.write(`${like}: ${theirs.length} rows in the recorder, ${ours.length} here, difference ${difference}\n`);
    expect(differences).toEqual({ missing: [], invented: [] });
  }

  beforeAll(async () => {
    mkdirSync(join(folder, "app"));
    simulated = startApp({ DATA_FOLDER: join(folder, "learned") });
    await eventually(
      () => rowsOf(learned, "SELECT 1 FROM vw_clr_latest_prediction WHERE probability IS NOT NULL")[0],
      "a learned database",
      300_000,
    );
    home = await startHomeAssistant({
      command: hass,
      folder: join(folder, "config"),
      ...(hasBurst ? { customComponents: burstFolder } : {}),
      configuration: `${hasBurst ? "burst:\n" : ""}sql:
  - {name: sleep probability, query: "SELECT probability FROM vw_clr_latest_prediction", column: probability, db_url: "sqlite:///file:${learned}?mode=ro&uri=true"}
  - {name: data layer health, query: "SELECT status FROM vw_health", column: status, db_url: "sqlite:///file:${database}?mode=ro&uri=true"}
`,
    });
    app = start();
    // Said to a person only where there was a past.
    await eventually(() => rowsOf(database, "SELECT 1 FROM metadata WHERE key = 'backfill_done_at'")[0], "the past is fetched", 90_000);
  }, 600_000);

  afterAll(async () => {
    await home?.stop();
    await endAll();
    rmSync(folder, { recursive: true, force: true });
  }, 90_000);

  test("a changed entity is in vw_raw_events within 3 s, with Home Assistant's own microseconds", async () => {
    const changes = [
      () => home.call("input_boolean.toggle", { entity_id: "input_boolean.lamp" }).then(() => home.stateOf("input_boolean.lamp")),
      () => home.setState("sensor.kitchen", "21.5", { unit_of_measurement: "°C" }),
      () => home.setState("sensor.kitchen", "'; DROP TABLE raw_events; -- 😀", { friendly_name: '<b>"Küche"</b>' }),
      () =>
        home.call("input_number.set_value", { entity_id: "input_number.level", value: 42 }).then(() => home.stateOf("input_number.level")),
    ];
    for (const change of changes) {
      const { entity_id, last_updated } = (await change())!;
      await eventually(() => isStored(entity_id, last_updated), `${entity_id} of ${last_updated}`, LIVE_LIMIT_MS);
    }
    const [lamp] = [await home.setState("sensor.kitchen", "21.5", { unit_of_measurement: "°C" })];
    const again = await home.setState("sensor.kitchen", "21.5", { unit_of_measurement: "K" });
    await eventually(() => isStored("sensor.kitchen", lamp!.last_updated), "the change", LIVE_LIMIT_MS);
    expect(again.last_changed).toBe(lamp!.last_changed);
    expect(isStored("sensor.kitchen", again.last_updated)).toBeUndefined();
    await tellSleep(NIGHT);
  });

  const burstTest = hasBurst ? test : test.skip;

  burstTest(
    "after a burst of 20,000 events the recorder's rows and ours are the same set",
    { timeout: REPAIR_LIMIT_MS + 60_000 },
    async () => {
      const answer = await home.call("burst.run", { entities: 500, events: 20_000 }, true);
      expect(answer).toMatchObject({ response: { fired: 20_000 } });
      await expectTheSameSet("sensor.burst%", 20_000);
    },
  );

  burstTest(
    "so they are when Home Assistant ends the connection because more waited than it keeps for a client",
    { timeout: REPAIR_LIMIT_MS + 60_000 },
    async () => {
      const before = app.stderr().split("connected to Home Assistant").length;
      await home.call("burst.run", { entities: 400, events: 10_000, batch: 10_000 }, true);
      await says("connected to Home Assistant", before);
      await expectTheSameSet("sensor.burst%", 30_000);
    },
  );

  burstTest(
    "and when the app does not read for seconds, so that Home Assistant ends the connection",
    { timeout: REPAIR_LIMIT_MS + 60_000 },
    async () => {
      const before = app.stderr().split("connected to Home Assistant").length;
      process.kill(app.pid, "SIGSTOP");
      try {
        await home.call("burst.run", { entities: 300, events: 30_000 }, true);
        await pause(3_000);
      } finally {
        process.kill(app.pid, "SIGCONT");
      }
      await says("connected to Home Assistant", before);
      await expectTheSameSet("sensor.burst%", 60_000);
    },
  );

  test("the clocks of both are compared, and found to agree", async () => {
    const clocks = (): { ahead: number | null }[] => rowsOf(database, "SELECT home_clock_ahead_ms AS ahead FROM vw_health");
    const { ahead } = await eventually(() => clocks().find((row) => row.ahead !== null), "the comparison");
    expect(Math.abs(ahead!)).toBeLessThan(1_000);
  });

  test("both helpers set by their service make exactly one label, a minute after they were last touched", async () => {
    await expectOneLabel(NIGHT.startUtc, 1);
  }, 150_000);

  test(
    "Home Assistant is restarted: the app comes back by itself, and what changed before it was back is there",
    async () => {
      const before = app.stderr().split("connected to Home Assistant").length;
      await home.stop();
      await eventually(() => rowsOf(database, "SELECT 1 FROM vw_health WHERE status = 'degraded'")[0], "health says so");
      await home.start();
      const changes = [];
      for (let n = 0; n < 20; n += 1) changes.push(await home.setState("sensor.kitchen", String(n)));
      await home.call("input_boolean.toggle", { entity_id: "input_boolean.lamp" });
      changes.push((await home.stateOf("input_boolean.lamp"))!);
      await says("connected to Home Assistant", before);
      for (const { entity_id, last_updated } of changes) {
        await eventually(() => isStored(entity_id, last_updated), `${entity_id} of ${last_updated}`, REPAIR_LIMIT_MS);
      }
      await expectTheSameSet("sensor.kitchen", 20);
    },
    REPAIR_LIMIT_MS + 120_000,
  );

  test("Home Assistant's own sql sensors read the contract views", async () => {
    const read = async (entityId: string): Promise<string | null> => {
      await home.call("homeassistant.update_entity", { entity_id: entityId });
      const state = (await home.stateOf(entityId))?.state;
      return state === undefined || state === "unknown" || state === "unavailable" ? null : state;
    };
    await eventually(async () => {
      const state = Number(await read("sensor.sleep_probability"));
      const [row] = rowsOf<{ probability: number }>(learned, "SELECT probability FROM vw_clr_latest_prediction");
      return Math.abs(state - row!.probability) < 1e-6 ? true : null;
    }, "the probability of the view");
    await eventually(async () => ((await read("sensor.data_layer_health")) === "ok" ? true : null), "ok");
  }, 60_000);

  test("the app is stopped, entities change and a nap is told, the app is started: all of it is there, no gap stays open", async () => {
    const ended = await app.stop("SIGINT");
    expect(ended.code).toBe(0);
    expect(ended.tookMs).toBeLessThan(3000);
    for (let n = 0; n < 50; n += 1) await home.setState("sensor.kitchen", String(100 + n));
    await tellSleep(NAP);
    app = start();
    await expectTheSameSet("sensor.kitchen", 70);
    await eventually(() => rowsOf(database, "SELECT 1 FROM vw_health WHERE gaps_open = 0 AND degraded_reasons = '[]'")[0], "well", 150_000);
    const unfilled = rowsOf<{ entity_id: string | null }>(database, "SELECT * FROM vw_gaps WHERE outcome <> 'filled'");
    expect(
      unfilled.filter(({ entity_id }) => entity_id === null || entity_id === "sensor.kitchen" || entity_id.startsWith("input_")),
    ).toEqual([]);
    await expectOneLabel(NAP.startUtc, 2);
    await expectTheSameSet("input_%", 2);
  }, 300_000);

  test("the app ends within 3 s and never wrote its token into the log", async () => {
    const { code, tookMs, stderr } = await app.stop("SIGTERM");
    expect({ code, isQuick: tookMs < 3000, tells: stderr.includes(home.token) }).toEqual({ code: 0, isQuick: true, tells: false });
    expect((await simulated.stop("SIGTERM")).code).toBe(0);
  });
}
