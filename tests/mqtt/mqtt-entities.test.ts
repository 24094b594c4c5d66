import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DAY_MS } from "../../src/core/time.ts";
import { openForWriting } from "../../src/store/db.ts";
import { eventually, rowsOf } from "../e2e/program.ts";
import type { AppHere } from "../failures/app-here.ts";
import { marked, type Place, playPlace } from "../failures/scene.ts";
import { markersOf } from "../failures/stored.ts";
import { type Mosquitto, mosquittoAtHand, NO_MOSQUITTO, startMosquitto, type Watcher } from "./mosquitto.ts";

const CONFIG = "homeassistant/device/ml_data_layer/config";
const AVAILABILITY = "ml_data_layer/availability";
const SLEEP = "ml_data_layer/target/sleep";
const CHANGES = "ml_data_layer/habit_change";
const GRID_MS = 300_000;
const LIMIT_MS = 120_000;

if (mosquittoAtHand === null) test.skip(`entities over MQTT: ${NO_MOSQUITTO}`, () => undefined);
else describe("entities over a real Mosquitto", checks);

function checks(): void {
  let broker: Mosquitto;
  let watcher: Watcher;
  beforeEach(async () => {
    broker = await startMosquitto();
    watcher = await broker.watch();
  });
  afterEach(() => broker.stop());

  const mqtt = (more: object = {}): object => ({
    enabled: true,
    host: broker.host,
    port: broker.port,
    username: broker.username,
    password: broker.password,
    ...more,
  });
  function options(place: Place, all: object): Record<string, string> {
    const path = join(place.folder, "options.json");
    writeFileSync(path, JSON.stringify(all));
    return { OPTIONS_FILE: path };
  }
  const start = async (place: Place, all: object): Promise<AppHere> =>
    place.appHere({ source: await place.source(), environment: options(place, all), atOnce: true });
  const last = (topic: string, payload: string): Promise<true> =>
    eventually(() => (watcher.last(topic) === payload ? true : null), `${topic} is ${payload}; ${JSON.stringify(watcher.heard)}`, 20_000);
  const stateOf = (topic: string): Record<string, unknown> | null => {
    const text = watcher.last(topic);
    return text === null || text === "" ? null : (JSON.parse(text) as Record<string, unknown>);
  };
  const shows = (topic: string, wanted: object): Promise<void> =>
    eventually(() => (stateOf(topic) === null ? null : true), `${topic} is told`, 20_000).then(() =>
      expect.poll(() => stateOf(topic), { timeout: 20_000 }).toMatchObject(wanted),
    );

  /** What models and watches say, as the stages store it. */
  function predict(database: string, atMs: number, probability: number, isOn: boolean): void {
    const db = openForWriting(database);
    db.run(
      `INSERT INTO predictions (target_id, window_no, probability, is_on, threshold, stage, coverage, vector_json, predicted_at_ms)
       SELECT target_id, ?, ?, ?, 0.6, 'eligible', 1, '[]', ? FROM targets WHERE name = 'sleep'`,
      Math.floor(atMs / GRID_MS),
      probability,
      Number(isOn),
      atMs,
    );
    db.close();
  }
  function report(database: string, stream: string, atMs: number): void {
    const db = openForWriting(database);
    db.run(
      `INSERT INTO change_points (stream_name, change_at_ms, start_low_ms, start_high_ms, probability, detected_at_ms, words)
       VALUES (?, ?, ?, ?, 0.97, ?, ?)`,
      stream,
      atMs - DAY_MS,
      atMs - 2 * DAY_MS,
      atMs,
      atMs,
      `Since then <b>${stream}</b> {{ states('sun.sun') }} is used more.`,
    );
    db.close();
  }
  async function run(app: AppHere, job: string): Promise<void> {
    const ask = (): Promise<Response> =>
      fetch(`${app.url}api/v1/schedules/${job}/run`, { method: "POST", headers: { "content-type": "application/json" } });
    await eventually(async () => ((await ask()).status === 202 ? true : null), `${job} is started`, 60_000);
  }

  test(
    "one device is announced, its states stand on the broker, diagnostics tell nothing of it, and all is unavailable once the app has stopped",
    () =>
      playPlace(async (place) => {
        const first = await start(place, {});
        await first.stop();
        expect(watcher.heard).toEqual([]);
        predict(place.database, Date.now(), 0.93, true);
        const app = await start(place, { mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        const { components } = JSON.parse(watcher.last(CONFIG)!) as { components: Record<string, { default_entity_id: string }> };
        expect(Object.values(components).map((each) => each.default_entity_id)).toEqual([
          "binary_sensor.sleep",
          "sensor.sleep_probability",
          "event.habit_change",
        ]);
        await shows(SLEEP, { state: "ON", probability: 0.93, stage: "eligible" });
        // Somebody who asks later is told at once.
        const later = await broker.watch();
        await eventually(() => later.last(SLEEP) ?? null, "the state is retained");
        expect(later.heard.every(({ isRetained }) => isRetained)).toBe(true);
        const diagnostics = await (await fetch(`${app.url}api/v1/diagnostics`)).text();
        expect(diagnostics).toContain('"usesMqtt": true');
        // Broken once: the options were told as they are, the password among them.
        for (const secret of [broker.password, broker.username, `"${broker.host}"`])
          expect(diagnostics).not.toContain(JSON.stringify(secret).slice(1, -1));
        await app.stop();
        await last(AVAILABILITY, "offline");
      }),
    LIMIT_MS,
  );

  test(
    "an app that is killed is unavailable at once, by its will",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const app = place.appProcess(source, options(place, { mqtt: mqtt() }));
        await last(AVAILABILITY, "online");
        await app.stop("SIGKILL");
        await last(AVAILABILITY, "offline");
        expect(app.stderr()).not.toContain(broker.password);
      }),
    LIMIT_MS,
  );

  test(
    "a prediction that nothing followed says unknown after three windows, though no job runs",
    () =>
      playPlace(async (place) => {
        await (await start(place, {})).stop();
        predict(place.database, Date.now() + GRID_MS, 0.9, true);
        const app = await start(place, { mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        app.clock.jump(2 * GRID_MS);
        await shows(SLEEP, { state: "ON" });
        app.clock.jump(3 * GRID_MS);
        await shows(SLEEP, { state: "None", probability: "None", unavailable_reason: "stale" });
      }),
    LIMIT_MS,
  );

  test(
    "Home Assistant's birth message brings everything again, and a broker that forgot everything gets it anew",
    () =>
      playPlace(async (place) => {
        await start(place, { mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        const announcedTimes = (): number => watcher.heard.filter(({ topic, payload }) => topic === CONFIG && payload !== "").length;
        const before = announcedTimes();
        await watcher.say("homeassistant/status", "online");
        await eventually(() => (announcedTimes() > before ? true : null), "announced again", 20_000);
        for (const topic of [CONFIG, SLEEP, AVAILABILITY]) await watcher.say(topic, "", true);
        await broker.down();
        await marked(place.database, "mqtt_unreachable");
        await broker.up();
        watcher = await broker.watch();
        await last(AVAILABILITY, "online");
        await shows(SLEEP, { state: "None" });
        await eventually(() => (markersOf(place.database).includes("mqtt_unreachable") ? null : true), "in order again");
      }),
    LIMIT_MS,
  );

  test(
    "each change of habit is told once, after Home Assistant is back where it was away, and what was reported before is no news",
    () =>
      playPlace(async (place) => {
        await (await start(place, {})).stop();
        report(place.database, "area.hall:activity:60m", Date.now() - DAY_MS);
        const app = await start(place, { mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        const toldOf = (stream: string): unknown[] =>
          watcher.heard.filter(({ topic, payload }) => topic === CHANGES && (JSON.parse(payload) as { stream: string }).stream === stream);
        await watcher.say("homeassistant/status", "offline");
        report(place.database, "area.bad <script> name:activity:60m", Date.now());
        await run(app, "changes");
        await eventually(
          () => rowsOf(place.database, "SELECT 1 FROM vw_schedule_runs WHERE job = 'changes' AND status = 'completed'")[0],
          "the job has run",
          60_000,
        );
        expect(watcher.heard.filter(({ topic }) => topic === CHANGES)).toEqual([]);
        await watcher.say("homeassistant/status", "online");
        await eventually(() => toldOf("area.bad <script> name:activity:60m")[0], "the news", 20_000);
        await watcher.say("homeassistant/status", "online");
        await run(app, "changes");
        await app.stop();
        expect(toldOf("area.bad <script> name:activity:60m")).toHaveLength(1);
        expect(toldOf("area.hall:activity:60m")).toEqual([]);
        const message = watcher.heard.find(({ topic }) => topic === CHANGES)!;
        expect(message.isRetained).toBe(false);
        expect(JSON.parse(message.payload)).toMatchObject({ event_type: "changed", probability: 0.97 });
      }),
    LIMIT_MS,
  );

  test(
    "a broker that restarts says that Home Assistant has gone; what is found behind it is told though nobody heard it come back",
    () =>
      playPlace(async (place) => {
        const homeAssistant = await broker.guest("homeassistant/status");
        const app = await start(place, { mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        await broker.down();
        await marked(place.database, "mqtt_unreachable");
        // By then the app tries every five seconds or so: Home Assistant is back first.
        await pause(4000);
        await broker.up();
        await eventually(() => (homeAssistant.isThere() ? true : null), "Home Assistant is back");
        watcher = await broker.watch();
        await last(AVAILABILITY, "online");
        report(place.database, "area.hall:activity:60m", Date.now());
        await run(app, "changes");
        await eventually(() => watcher.last(CHANGES), "the news", 20_000);
      }),
    LIMIT_MS,
  );

  test(
    "a target that is gone, another topic and the option turned off take entities away, and nothing is left on the broker",
    () =>
      playPlace(async (place) => {
        const nap = { name: "nap", switch: "input_boolean.napping" };
        const sleep = { name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" };
        const both = await start(place, { targets: [sleep, nap], mqtt: mqtt() });
        await last(AVAILABILITY, "online");
        expect(watcher.last("ml_data_layer/target/nap")).not.toBeNull();
        await both.stop();
        const one = await start(place, { targets: [sleep], mqtt: mqtt() });
        await last("ml_data_layer/target/nap", "");
        const configs = watcher.heard
          .filter(({ topic }) => topic === CONFIG)
          .map(({ payload }) => JSON.parse(payload).components.is_nap as unknown);
        expect(configs.slice(-2)).toEqual([{ platform: "binary_sensor" }, undefined]);
        await one.stop();
        const moved = await start(place, { targets: [sleep], mqtt: mqtt({ topic: "second_home" }) });
        await last("second_home/availability", "online");
        for (const topic of [CONFIG, SLEEP, AVAILABILITY]) expect(watcher.last(topic)).toBe("");
        await moved.stop();
        const off = await start(place, { targets: [sleep], mqtt: mqtt({ enabled: false }) });
        await last("second_home/availability", "");
        await eventually(() => (off.log.some((line) => line.includes("are taken away")) ? true : null), "said");
        const later = await broker.watch("#");
        await off.stop();
        expect(later.heard).toEqual([]);
        expect(rowsOf(place.database, "SELECT value FROM metadata WHERE key = 'mqtt_announced'")).toEqual([{ value: "" }]);
      }),
    LIMIT_MS,
  );

  test(
    "mqtt_unreachable: a broker that is not there, refuses the password, or takes the connection and says nothing; the password is in no word",
    () =>
      playPlace(async (place) => {
        const words = (): string =>
          rowsOf<{ cause: string }>(place.database, "SELECT cause FROM degraded WHERE code = 'mqtt_unreachable'")[0]?.cause ?? "";
        const silent = createServer();
        const sockets = new Set<Socket>();
        silent.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
        await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
        const address = silent.address();
        const port = typeof address === "object" && address !== null ? address.port : 0;
        for (const [wrong, expected] of [
          [{ port: 9 }, /ECONNREFUSED/],
          [{ password: "guessed-secret" }, /does not let this user in|refuses the user name/],
          [{ port }, null],
        ] as const) {
          const app = await start(place, { mqtt: mqtt(wrong) });
          if (expected === null) await eventually(() => (sockets.size > 0 ? true : null), "a broker that says nothing is asked");
          else await expect.poll(words, { timeout: 30_000 }).toMatch(expected);
          // All else goes on, and a stop waits for no broker.
          expect((await fetch(`${app.url}readyz`)).status).toBe(200);
          const beganMs = performance.now();
          await app.stop();
          expect(performance.now() - beganMs).toBeLessThan(8000);
          expect([...app.log, words()].join("\n")).not.toMatch(/guessed-secret|a password/);
        }
        for (const socket of sockets) socket.destroy();
        silent.close();
        const right = await start(place, { mqtt: mqtt() });
        await eventually(() => (markersOf(place.database).includes("mqtt_unreachable") ? null : true), "in order again");
        await right.stop();
      }),
    LIMIT_MS,
  );
}
