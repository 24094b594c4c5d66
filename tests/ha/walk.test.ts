import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createRandom } from "../../bench/event-year.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../../src/core/time.ts";
import { GRID_MS } from "../../src/runtime/stage-options.ts";
import { type App, endAll, eventually, rowsOf, runCommand, startApp } from "../e2e/program.ts";
import { type Mosquitto, mosquittoAtHand, NO_MOSQUITTO, startMosquitto } from "../mqtt/mosquitto.ts";
import { type HomeAssistant, startHomeAssistant } from "./home-assistant.ts";

/**
 * What a newcomer does, as DOCS.md writes it: helpers by `label setup`, nights set in Home Assistant, a model trained on them, sensors and
 * automations copied from the manual. The home's past is written into Home Assistant's own recorder; its sleepers sleep at the hour of the test.
 */

const command = process.env["HASS_COMMAND"];
const DAYS = 13;
const APP_PATH = "/share/ml_data_layer/ha_ml_data_layer.db";
const ROOT = join(import.meta.dirname, "../..");
const MOTION = "binary_sensor.hall_motion";
const BED = "binary_sensor.bed_occupancy";
const LAMP = "light.living_room";
const ENTITIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [MOTION]: { device_class: "motion" },
  [BED]: { device_class: "occupancy" },
  [LAMP]: {},
};

if (command === undefined) {
  test.skip("a newcomer's walk in a real Home Assistant: set HASS_COMMAND to a command that runs hass", () => undefined);
} else {
  describe("a newcomer's walk in a real Home Assistant", () => walk(command));
}
if (mosquittoAtHand === null) test.skip(`entities over MQTT in a real Home Assistant: ${NO_MOSQUITTO}`, () => undefined);

interface Sensor {
  readonly name: string;
  readonly db_url: string;
}
interface Automation {
  readonly alias: string;
  readonly triggers: { for?: string }[];
}

/** The YAML of the manuals, as a person copies it; only the path is another, and the patience of the automations shorter. */
function blocksOf(file: string, database: string): Record<string, unknown>[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)]
    .map(([, indent, block]) => parse(block!.replaceAll(new RegExp(`^${indent}`, "gm"), "").replaceAll(APP_PATH, database)) as unknown)
    .filter((block) => typeof block === "object" && block !== null && !Array.isArray(block))
    .map((block) => block as Record<string, unknown>);
}

function walk(hass: string): void {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ha-walk-"));
  const database = join(folder, "app", "ha_ml_data_layer.db");
  const optionsFile = join(folder, "options.json");
  // Nights begin and end where windows do: of one that ends within a window nobody can say what it was, and a model of so few days is judged by those alone.
  const nowMs = Math.floor(Date.now() / GRID_MS) * GRID_MS;
  let home: HomeAssistant;
  let app: App;
  let broker: Mosquitto | null = null;
  let environment: Readonly<Record<string, string>>;

  const manual = [...blocksOf("DOCS.md", database), ...blocksOf("contracts/README.md", database)];
  const sensors = manual
    .flatMap((block) => (block["sql"] ?? []) as Sensor[])
    .map((sensor, i): Sensor & Record<string, unknown> => ({
      ...sensor,
      name: i === 0 ? sensor.name : `manual ${i}`,
      unique_id: `manual_${i}`,
    }));
  const automations = manual
    .flatMap((block) => (block["automation"] ?? []) as Automation[])
    .map((automation) => ({
      ...automation,
      triggers: automation.triggers.map((trigger) => ("for" in trigger ? { ...trigger, for: "00:00:01" } : trigger)),
    }));
  /** The night that ends on day `-back`, around the hour of the test; the present one has not ended. */
  const random = createRandom(3);
  const nights = Array.from({ length: DAYS }, (_, back) => ({
    startMs: nowMs - back * DAY_MS - 4 * HOUR_MS - Math.round(random() * 4) * GRID_MS,
    endMs: nowMs - back * DAY_MS + 3 * HOUR_MS + Math.round(random() * 4) * GRID_MS,
  }));
  const isAsleepAt = (atMs: number): boolean => nights.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs);
  const local = (atMs: number): string => {
    const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs / MINUTE_MS) * MINUTE_MS).toZonedDateTimeISO("Europe/Amsterdam");
    return `${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "second" })}`;
  };
  const run = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(words, environment);
    expect([words.join(" "), code, stderr]).toEqual([words.join(" "), 0, expect.anything()]);
    return stdout;
  };
  const stateIs = (entityId: string, wanted: string, limitMs = 60_000): Promise<true> => {
    let seen: string | undefined;
    return eventually(
      async () => {
        seen = (await home.stateOf(entityId))?.state;
        return seen === wanted ? true : null;
      },
      `${entityId} is ${wanted}`,
      limitMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${seen}`);
    });
  };
  const triggered = (alias: string): Promise<string> =>
    eventually(
      async () => {
        const id = `automation.${alias
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, "_")
          .replaceAll(/^_|_$/g, "")}`;
        const last = (await home.stateOf(id))?.attributes["last_triggered"];
        return typeof last === "string" ? last : null;
      },
      `the automation ${alias} has run`,
      60_000,
    );

  /** Days in which somebody moves about while awake, and lies in bed while not, as Home Assistant's recorder keeps them. */
  function writePast(recorder: string): void {
    const db = new BetterSqlite3(recorder);
    const ids = new Map(
      (db.prepare("SELECT metadata_id AS id, entity_id AS name FROM states_meta").all() as { id: number; name: string }[]).map(
        ({ id, name }) => [name, id],
      ),
    );
    const insert = db.prepare("INSERT INTO states (metadata_id, state, last_updated_ts) VALUES (?, ?, ?)");
    const put = (entityId: string, state: string, atMs: number): unknown => insert.run(ids.get(entityId)!, state, atMs / 1000);
    db.transaction(() => {
      let wasAsleep = true;
      for (const entityId of Object.keys(ENTITIES)) put(entityId, "off", nowMs - DAYS * DAY_MS);
      for (let atMs = nowMs - DAYS * DAY_MS + MINUTE_MS; atMs < nowMs - 10 * MINUTE_MS; atMs += 5 * MINUTE_MS) {
        const isAsleep = isAsleepAt(atMs);
        if (isAsleep !== wasAsleep) {
          put(BED, isAsleep ? "on" : "off", atMs);
          put(LAMP, isAsleep ? "off" : "on", atMs + 1000);
        }
        wasAsleep = isAsleep;
        if (random() > (isAsleep ? 0.04 : 0.7)) continue;
        put(MOTION, "on", atMs + 20_000);
        put(MOTION, "off", atMs + 110_000);
      }
    })();
    db.close();
  }

  async function showHome(): Promise<void> {
    for (const [entityId, attributes] of Object.entries(ENTITIES))
      await home.setState(entityId, entityId === BED ? "on" : "off", attributes);
  }

  beforeAll(async () => {
    mkdirSync(join(folder, "app"));
    // Lowered so that these days are enough; a person would wait. Days turn where nobody sleeps, whatever the hour of the test: of a night across that hour
    // the half before would be "no".
    const hour = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO("Europe/Amsterdam").hour;
    const gates = { preview_days: 3, eligible_days: 5, eligible_episodes: 5 };
    writeFileSync(optionsFile, JSON.stringify({ night_anchor_hour: (hour + 12) % 24, gates }));
    home = await startHomeAssistant({
      command: hass,
      folder: join(folder, "config"),
      isNew: true,
      // As JSON, which is YAML of any version: Home Assistant reads an `on` without quotes as true.
      configuration: `sql: ${JSON.stringify(sensors)}\nautomation: ${JSON.stringify(automations)}\n`,
    });
    environment = { DATA_FOLDER: join(folder, "app"), HA_URL: home.url, HA_TOKEN: home.token, OPTIONS_FILE: optionsFile };
    await showHome();
    await eventually(
      () => rowsOf(join(home.folder, "home-assistant_v2.db"), "SELECT 1 FROM states_meta WHERE entity_id = ?", LAMP)[0],
      "recorded",
    );
    await home.stop();
    writePast(join(home.folder, "home-assistant_v2.db"));
    // Home Assistant's sensors are made where the file is there at its start.
    app = startApp(environment);
    await eventually(() => rowsOf(database, "SELECT 1 FROM vw_health")[0], "the database is there");
    await home.start();
    await showHome();
  }, 400_000);

  afterAll(async () => {
    await endAll();
    await home?.stop();
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 90_000);

  test("`label setup` makes the two helpers in Home Assistant, and the app hears them", async () => {
    await eventually(() => (app.stderr().includes("connected to Home Assistant") ? true : null), "connected");
    expect(await run("label", "setup")).toContain("input_datetime.sleep_start");
    expect(await home.stateOf("input_datetime.sleep_start")).not.toBeNull();
    expect(await home.stateOf("input_datetime.sleep_end")).not.toBeNull();
  }, 300_000);

  test("a night set in Home Assistant becomes a label, and older nights come by a CSV", async () => {
    const { startMs, endMs } = nights[1]!;
    await home.call("input_datetime.set_datetime", { entity_id: "input_datetime.sleep_start", datetime: local(startMs) });
    await home.call("input_datetime.set_datetime", { entity_id: "input_datetime.sleep_end", datetime: local(endMs) });
    const csv = join(folder, "nights.csv");
    writeFileSync(csv, ["start,end", ...nights.slice(2).map((night) => `${local(night.startMs)},${local(night.endMs)}`)].join("\n"));
    await eventually(() => rowsOf(database, "SELECT 1 FROM metadata WHERE key = 'backfill_done_at'")[0], "the past is fetched", 300_000);
    await run("label", "import", csv);
    await eventually(
      () =>
        rowsOf(
          database,
          "SELECT 1 FROM vw_labels WHERE source = 'helper' AND start_utc = ?",
          isoMs(Math.floor(startMs / MINUTE_MS) * MINUTE_MS),
        )[0],
      "the night of the helpers",
      150_000,
    );
    expect(rowsOf(database, "SELECT 1 FROM vw_labels WHERE status = 'active'")).toHaveLength(DAYS - 1);
  }, 300_000);

  test("a model is trained on them, and says now that somebody sleeps", async () => {
    // Windows of the past may still be on their way when the first training begins; the next one has them.
    const now = await eventually(
      async () => {
        await run("features");
        await run("train");
        await run("predict");
        const [newest] = rowsOf<{ is_on: number; probability: number; stage: string }>(
          database,
          "SELECT is_on, probability, stage FROM vw_clr_latest_prediction WHERE target_name = 'sleep'",
        );
        process.stdout.write(`stage ${newest?.stage}, probability ${newest?.probability}\n`);
        return newest?.stage === "eligible" ? newest : null;
      },
      "a model that can be trusted",
      250_000,
    );
    expect(now.is_on).toBe(1);
  }, 300_000);

  test("every `sql` sensor of the manual and of contracts/README.md reads its value, and the manual's automation reacts to `sensor.asleep`", async () => {
    const ids = sensors.map(({ name }) => `sensor.${name.toLowerCase().replaceAll(" ", "_")}`);
    await home.call("homeassistant.update_entity", { entity_id: ids });
    await stateIs("sensor.asleep", "on");
    for (const id of ids)
      expect([id, (await home.stateOf(id))?.state]).toEqual([id, expect.not.stringMatching(/^(unknown|unavailable|None)$/)]);
    await triggered(automations[0]!.alias);
  }, 300_000);

  test.skipIf(mosquittoAtHand === null)(
    "entities over MQTT: found, right, acted upon, back after a restart of Home Assistant, unavailable without the app, and gone when switched off",
    async (context) => {
      broker = await startMosquitto();
      const flow = await home.flow(null, { handler: "mqtt", show_advanced_options: false });
      if (flow.type !== "form")
        return context.skip(`the MQTT integration cannot be set up in this Home Assistant: ${JSON.stringify(flow)}`);
      const fields = { broker: broker.host, port: broker.port, username: broker.username, password: broker.password };
      const hasSection = flow.data_schema?.some(({ name }) => name === "other_settings") === true;
      const done = await home.flow(
        flow.flow_id,
        hasSection
          ? { ...fields, protocol: "5", other_settings: { set_client_cert: false, set_ca_cert: "off", transport: "tcp" } }
          : fields,
      );
      expect(done).toMatchObject({ type: "create_entry" });

      const mqtt = { host: broker.host, port: broker.port, username: broker.username, password: broker.password };
      const restart = async (isOn: boolean): Promise<void> => {
        expect((await app.stop("SIGTERM")).code).toBe(0);
        const gates = { preview_days: 3, eligible_days: 5, eligible_episodes: 5 };
        writeFileSync(optionsFile, JSON.stringify({ gates, mqtt: { enabled: isOn, ...mqtt } }));
        app = startApp(environment);
      };
      await restart(true);
      const entity = async (part: string): Promise<string> => {
        const entries = (await home.command({ type: "config/entity_registry/list" })) as { entity_id: string; unique_id: string }[];
        return entries.find(({ unique_id: id }) => id === `ml_data_layer/ml_data_layer/${part}`)?.entity_id ?? "";
      };
      await eventually(async () => (await entity("habit_change")) || null, "the entities", 60_000);
      const [isSleep, probability] = [await entity("is_sleep"), await entity("probability_of_sleep")];
      // Before 2025.10 Home Assistant gave names of its own.
      if (!/^2025\.[1-9]\./.test(home.version)) expect([isSleep, probability]).toEqual(["binary_sensor.sleep", "sensor.sleep_probability"]);
      await stateIs(isSleep, "on");
      expect(Number((await home.stateOf(probability))!.state)).toBeGreaterThan(0.6);
      expect((await home.stateOf(isSleep))!.attributes).toMatchObject({ stage: "eligible", unavailable_reason: null });
      if (isSleep === "binary_sensor.sleep") await triggered(automations[1]!.alias);

      await home.stop();
      await home.start();
      await stateIs(isSleep, "on");
      expect((await app.stop("SIGTERM")).code).toBe(0);
      await stateIs(isSleep, "unavailable");
      app = startApp(environment);
      await stateIs(isSleep, "on");
      expect(
        rowsOf(
          database,
          "SELECT feature_name FROM vw_latest_feature_snapshot WHERE feature_name LIKE ? OR feature_name LIKE ?",
          `${isSleep}%`,
          `${probability}%`,
        ),
      ).toEqual([]);
      expect(rowsOf(database, "SELECT platform FROM entities WHERE entity_id = ?", isSleep)).toEqual([{ platform: "ml_data_layer" }]);

      await restart(false);
      await eventually(
        async () => ((await home.stateOf(isSleep)) === null && (await home.stateOf(probability)) === null ? true : null),
        "they are gone",
        60_000,
      );
      expect(await entity("is_sleep")).toBe("");
    },
    300_000,
  );
}
