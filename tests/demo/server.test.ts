import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { createDemoServer, type DemoOptions, type DemoServer, type StartedDemo } from "../../src/demo/server/demo-server.ts";
import { openAuthenticated, type RawClient } from "../protocol/raw-client.ts";
import { historyShape, stateChangedShape, stateShape } from "../protocol/shapes.ts";
import { ASLEEP, microsOf, microsOfSeconds, pause, SLEEP_END, SLEEP_START, setDatetime } from "../protocol/with-client.ts";

const servers: DemoServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: DemoOptions = {}): Promise<{ readonly server: DemoServer; readonly started: StartedDemo }> {
  const server = createDemoServer({ weeks: 1, ...options });
  servers.push(server);
  return { server, started: await server.start() };
}

async function open({ url, token }: StartedDemo): Promise<RawClient> {
  const client = await openAuthenticated(url, token, true);
  onTestFinished(client.end);
  return client;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "demo-home-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const historyOf = async (client: RawClient, fromMs: number, entityIds: readonly string[], toMs?: number) =>
  historyShape.parse(
    await client.result({
      type: "history/history_during_period",
      start_time: new Date(fromMs).toISOString(),
      ...(toMs !== undefined && { end_time: new Date(toMs).toISOString() }),
      entity_ids: entityIds,
      include_start_time_state: false,
      significant_changes_only: false,
    }),
  );

describe("time in the simulated home", () => {
  test("at the first start its past of the asked weeks ends now", async () => {
    const nowMs = Date.parse("2026-03-30T08:00:00Z");
    const { started } = await start({ weeks: 2, nowMs });
    const client = await open(started);
    expect(started).toMatchObject({ weeks: 2, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect(started.nowMs - nowMs).toBeLessThan(2_000);
    const rows = await historyOf(client, nowMs - 100 * 86_400_000, ["binary_sensor.kitchen_motion"]);
    const instants = (rows["binary_sensor.kitchen_motion"] ?? []).map((row) => row.lu * 1000);
    expect(nowMs - instants[0]!).toBeGreaterThan(14 * 86_400_000);
    expect(nowMs - instants[0]!).toBeLessThan(15 * 86_400_000);
    expect(instants.at(-1)).toBeLessThan(nowMs);
    expect(nowMs - instants.at(-1)!).toBeLessThan(86_400_000);
  });

  test("afterwards it lives on, and what happens is told when it happens and found in the history afterwards", async () => {
    const { server, started } = await start({ speed: 600, nowMs: Date.parse("2026-03-30T16:00:00Z") });
    const client = await open(started);
    const { id } = await client.command({ type: "subscribe_events", event_type: "state_changed" });
    const fromMs = server.nowMs();
    await pause(1_500);
    const toMs = server.nowMs();
    await pause(200);
    const told = client
      .messages()
      .flatMap((message) => (message.id === id && message.event ? [stateChangedShape.parse(message.event)] : []))
      .filter((event) => microsOf(event.time_fired) < toMs * 1000);
    expect(told.length).toBeGreaterThan(10);
    for (const [i, event] of told.entries()) {
      expect(microsOf(event.time_fired)).toBeGreaterThanOrEqual(fromMs * 1000 - 1_000_000);
      if (i > 0) expect(microsOf(event.time_fired)).toBeGreaterThanOrEqual(microsOf(told[i - 1]!.time_fired));
      expect(event.data.old_state).not.toBeNull();
    }
    const entityIds = [...new Set(told.map((event) => event.data.entity_id))];
    const history = await historyOf(client, fromMs - 60_000, entityIds, toMs);
    const recorded = new Set(
      Object.entries(history).flatMap(([entityId, rows]) => rows.map((row) => `${entityId} ${microsOfSeconds(row.lu)} ${row.s}`)),
    );
    for (const { data, time_fired } of told)
      expect(recorded).toContain(`${data.entity_id} ${microsOf(time_fired)} ${data.new_state?.state}`);
  });

  test("a row is in the history only after the recorder has committed", async () => {
    const { started, server } = await start();
    const client = await open(started);
    const fromMs = server.nowMs() - 5;
    await pause(1_000 - (Math.floor(server.nowMs()) % 1_000) + 20);
    await setDatetime(client, SLEEP_START, { datetime: "2026-02-03 04:05:06" });
    expect((await historyOf(client, fromMs, [SLEEP_START]))[SLEEP_START]).toBeUndefined();
    await pause(1_100);
    expect((await historyOf(client, fromMs, [SLEEP_START]))[SLEEP_START]).toHaveLength(1);
  });
});

describe("what the simulated home keeps", () => {
  test("after a stop it goes on from its instant, with the same past, token and what clients did, to the microsecond", async () => {
    const path = folder();
    const nowMs = Date.parse("2026-03-30T08:00:00Z");
    const first = await start({ folder: path, nowMs, seed: 3 });
    const before = await open(first.started);
    await setDatetime(before, [SLEEP_START, SLEEP_END], { datetime: "2026-03-30 07:30:00" });
    const made = await before.result({ type: "input_datetime/create", name: "Nap", has_date: true, has_time: true });
    await before.result({ type: "input_datetime/create", name: "Gone", has_date: true, has_time: true });
    await before.result({ type: "input_datetime/delete", input_datetime_id: "gone" });
    const doneMs = first.server.nowMs() + 5;
    await pause(1_100);
    const query = [
      nowMs - 8 * 86_400_000,
      [SLEEP_START, SLEEP_END, ASLEEP, "input_datetime.nap", "input_datetime.gone", "sensor.house_power"],
      doneMs,
    ] as const;
    const past = await historyOf(before, ...query);
    expect(past["input_datetime.gone"]?.at(-1)?.s).toBeNull();
    const states = stateShape.array().parse(await before.result({ type: "get_states" }));
    const [stoppedMs, realMs] = [first.server.nowMs(), performance.now()];
    await first.server.stop();
    await pause(400);

    const second = await start({ folder: path, seed: 99, weeks: 30 });
    expect(second.started.token).toBe(first.started.token);
    expect(second.started.weeks).toBe(1);
    const livedMs = second.server.nowMs() - stoppedMs;
    expect(livedMs).toBeGreaterThanOrEqual(0);
    expect(performance.now() - realMs - livedMs).toBeGreaterThan(390);
    const after = await open(second.started);
    expect(await historyOf(after, ...query)).toEqual(past);
    expect(await after.result({ type: "input_datetime/list" })).toEqual([made]);
    const helper = (all: typeof states): unknown => all.find((state) => state.entity_id === SLEEP_END);
    expect(helper(stateShape.array().parse(await after.result({ type: "get_states" })))).toEqual(helper(states));
  });

  test("a file that cannot be read is put aside and the home begins anew", async () => {
    const path = folder();
    writeFileSync(join(path, "home.json"), '{"version":1,"seed":');
    await start({ folder: path });
    expect(readdirSync(path).sort()).toEqual(["home.json", "home.json.unreadable"]);
    expect(JSON.parse(readFileSync(join(path, "home.json"), "utf8"))).toMatchObject({ version: 1 });
  });
});
