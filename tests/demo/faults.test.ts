import { describe, expect, onTestFinished, test } from "vitest";
import { createDemoServer, type DemoServer, type StartedDemo } from "../../src/demo/server/demo-server.ts";
import { openAuthenticated, openRaw, type RawClient } from "../protocol/raw-client.ts";
import { historyShape, stateShape } from "../protocol/shapes.ts";
import { microsOf, microsOfSeconds, pause } from "../protocol/with-client.ts";

async function start(): Promise<{ readonly server: DemoServer; readonly started: StartedDemo; readonly client: RawClient }> {
  const server = createDemoServer({ weeks: 1 });
  const started = await server.start();
  const client = await openAuthenticated(started.url, started.token, true);
  onTestFinished(async () => {
    client.end();
    await server.stop();
  });
  return { server, started, client };
}

describe("faults of the simulated home", () => {
  test("a dropped connection ends without a closing handshake", async () => {
    const { server, client } = await start();
    server.faults.drop();
    expect(await client.closed()).toBe(1006);
  });

  test("a client that does not keep up is ended like a normal end, and what waited is lost", async () => {
    const { server, client } = await start();
    await client.result({ type: "subscribe_events", event_type: "state_changed" });
    for (let i = 0; i < 5_000; i += 1) server.faults.say("sensor.burst", String(i));
    expect(await client.closed()).toBe(1000);
    expect(client.messages().filter((message) => message.type === "event")).toEqual([]);
  });

  test("a burst below that limit arrives whole", async () => {
    const { server, client } = await start();
    await client.result({ type: "subscribe_events", event_type: "state_changed" });
    for (let i = 0; i < 4_000; i += 1) server.faults.say("sensor.burst", String(i));
    await client.until((message) => JSON.stringify(message.event?.data["new_state"] ?? "").includes('"state":"3999"'));
    expect(client.messages().filter((message) => message.event?.data["entity_id"] === "sensor.burst")).toHaveLength(4_000);
  });

  test("a frozen connection stays open and says nothing", async () => {
    const { server, client } = await start();
    server.faults.freeze();
    client.send({ id: 900, type: "ping" });
    await pause(200);
    expect(client.messages().some((message) => message.type === "pong")).toBe(false);
    server.faults.drop();
    await client.closed();
  });

  test("answers are late by as much as asked for, in their order", async () => {
    const { server, client } = await start();
    server.faults.delayAnswers(150);
    const beforeMs = performance.now();
    const answers = await Promise.all([client.command({ type: "ping" }), client.command({ type: "get_config" })]);
    expect(performance.now() - beforeMs).toBeGreaterThan(140);
    expect(answers.map((answer) => answer.type)).toEqual(["pong", "result"]);
  });

  test("a token can be refused and accepted again", async () => {
    const { server, started } = await start();
    server.faults.refuseTokens(true);
    const refused = await openRaw(started.url);
    refused.send({ type: "auth", access_token: started.token });
    await refused.until((message) => message.type === "auth_invalid");
    server.faults.refuseTokens(false);
    (await openAuthenticated(started.url, started.token)).end();
  });

  test("a restart brings every state back with old_state null and a new instant, after a while of starting; what happened meanwhile was seen by nobody", async () => {
    const { server, started, client } = await start();
    const before = stateShape.array().parse(await client.result({ type: "get_states" }));
    const downMs = server.nowMs();
    const restarted = server.faults.restart({ downMs: 600, startingMs: 400 });
    expect(await client.closed()).toBe(1000);
    await expect(openRaw(started.url)).rejects.toThrow();
    const again = await reconnect(started);
    expect(await again.result({ type: "get_config" })).toMatchObject({ state: "STARTING" });
    await again.result({ type: "subscribe_events", event_type: "homeassistant_started" });
    await restarted;
    await again.until((message) => message.event?.event_type === "homeassistant_started");
    expect(await again.result({ type: "get_config" })).toMatchObject({ state: "RUNNING" });

    const after = stateShape.array().parse(await again.result({ type: "get_states" }));
    expect(after.map((state) => state.entity_id).sort()).toEqual(before.map((state) => state.entity_id).sort());
    for (const state of after) expect(microsOf(state.last_changed)).toBeGreaterThan((downMs + 500) * 1000);
    await pause(1_200);
    const answer = await again.result({
      type: "history/history_during_period",
      start_time: new Date(downMs).toISOString(),
      entity_ids: after.map((state) => state.entity_id),
      include_start_time_state: false,
      significant_changes_only: false,
    });
    const rows = historyShape.parse(answer);
    for (const state of after.filter((one) => one.last_changed === one.last_updated)) {
      expect(rows[state.entity_id]?.map((row) => microsOfSeconds(row.lu))).toContain(microsOf(state.last_changed));
    }
    again.end();
  });

  test("who subscribes while it starts finds no states, and is told each one with old_state null when it comes back", async () => {
    const { server, client, started } = await start();
    const known = stateShape.array().parse(await client.result({ type: "get_states" }));
    const restarted = server.faults.restart({ downMs: 0, startingMs: 1_000 });
    await client.closed();
    const again = await reconnect(started);
    await again.result({ type: "subscribe_events", event_type: "state_changed" });
    expect(await again.result({ type: "get_states" })).toEqual([]);
    await restarted;
    const told = again
      .messages()
      .flatMap((message) => (message.event?.data["old_state"] === null ? [message.event.data["entity_id"]] : []));
    expect(told.sort()).toEqual(known.map((state) => state.entity_id).sort());
    again.end();
  });
});

async function reconnect(started: StartedDemo): Promise<RawClient> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await openAuthenticated(started.url, started.token);
    } catch (error) {
      if (attempt > 100) throw error;
      await pause(20);
    }
  }
}
