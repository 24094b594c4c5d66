import { expect } from "vitest";
import { connected, listening, marked, type Scene, settled } from "./scene.ts";
import type { Source } from "./source.ts";
import { untilAllIsStored } from "./stored.ts";
import { startNetwork } from "./tcp-proxy.ts";

const HOUR_MS = 3_600_000;
/** The largest frame that is read. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Faults between the app and Home Assistant. */
export const connectionScenes: readonly Scene[] = [
  {
    fault: "Home Assistant restarts",
    injected: "port shut for 0.5 s in the middle of a burst; every state comes back as new before anybody is connected",
    // Broken once: without the repair at connect (src/flow/ingest/ingest.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      source.burst(500);
      await untilAllIsStored(source, place.database);
      source.burst(500);
      const restarted = source.restart(500);
      const during = [await marked(place.database, "home_assistant_unreachable")];
      await restarted;
      source.burst(300);
      await connected(app, 2);
      source.burst(300);
      return settled(source, place.database, during);
    },
  },
  {
    fault: "Home Assistant is away for two hours",
    injected: "port shut, both clocks go on by 2 h, the recorder goes on with a change every 5 s",
    // Broken once: without the repair and without the refill of what a jumping clock leaves open (refill.ts) rows are lost.
    async play(place) {
      const source = await place.source({ offsetMs: -2 * HOUR_MS });
      const app = await place.appHere({ source, offsetMs: -2 * HOUR_MS });
      source.burst(300);
      await untilAllIsStored(source, place.database);
      await source.down();
      const during = [await marked(place.database, "home_assistant_unreachable")];
      const fromMs = source.nowMs() + 1_000;
      for (let n = 0; n < 1_438; n += 1) source.record(`sensor.busy_${n % 45}`, `away ${n}`, fromMs + n * 5_000);
      source.setOffset(0);
      app.clock.jump(2 * HOUR_MS);
      await source.up();
      await connected(app, 2);
      source.burst(100);
      return settled(source, place.database, during);
    },
  },
  {
    fault: "the network is cut without a FIN",
    injected: "a TCP proxy between both swallows every byte, tells nobody and heals when the app has noticed",
    // Broken once: with a late pong that ends nothing (src/hass/session.ts) the app waits for ever.
    async play(place) {
      const source = await place.source();
      const network = await startNetwork(source.url);
      place.atEnd(network.stop);
      const app = await place.appHere({ source, url: network.url });
      source.burst(300);
      await untilAllIsStored(source, place.database);
      network.swallow();
      source.burst(700);
      const during = [await marked(place.database, "home_assistant_unreachable")];
      source.burst(200);
      network.heal();
      await connected(app, 2);
      source.burst(100);
      return settled(source, place.database, during);
    },
  },
  {
    fault: "the token is revoked and restored",
    injected: "the connection ends, every token is answered by auth_invalid, then accepted again",
    // Broken once: with a refused token that ends the tries (src/hass/home.ts) it never comes back.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      source.burst(200);
      source.greetWith("reject token");
      source.close(1000);
      const during = [await marked(place.database, "token_rejected")];
      source.burst(400);
      source.greetWith("welcome");
      await connected(app, 2);
      source.burst(100);
      return settled(source, place.database, during);
    },
  },
  {
    fault: "Home Assistant answers slowly",
    injected: "every answer takes 0.3 s while two days are back-filled and live changes come",
    // Broken once: with questions that do not wait for their turn (patience.ts) two are under way at once.
    async play(place) {
      const source = await place.source();
      for (let n = 0; n < 2_000; n += 1) source.record(`sensor.slow_${n % 6}`, `past ${n}`, source.nowMs() - 2 * 24 * HOUR_MS + n * 86_000);
      source.delayAnswers(300);
      const app = await place.appHere({ source, atOnce: true });
      for (let n = 0; n < 10; n += 1) {
        source.burst(50);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      source.delayAnswers(50);
      const outcome = await settled(source, place.database, app.marked());
      expect(source.mostHistoryAtOnce()).toBe(1);
      return outcome;
    },
  },
  {
    fault: "Home Assistant sends half JSON",
    injected: "half a frame, then text that is no JSON, in the middle of bursts",
    // Broken once: with the error thrown out of the receiver (src/hass/socket.ts) the process ends.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      await listening(app, source, 1);
      source.burst(300);
      source.sendText('{"id":2,"type":"event","event":{"event_type":"state_cha');
      source.burst(300);
      await listening(app, source, 2);
      source.burst(100);
      source.sendText("<html>502 Bad Gateway</html>");
      source.burst(300);
      await listening(app, source, 3);
      source.burst(100);
      return settled(source, place.database, app.marked());
    },
  },
  {
    fault: "Home Assistant sends a frame that is too large",
    injected: `a text of ${MAX_FRAME_BYTES / 1024 / 1024 + 1} MiB in the middle of a burst; then a change with an attribute of 1 MiB`,
    // Broken once: without error listeners on the socket (src/hass/handshake.ts, socket.ts) the process ends.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      await listening(app, source, 1);
      source.burst(200);
      source.sendText("x".repeat(MAX_FRAME_BYTES + 1024 * 1024));
      source.burst(200);
      await listening(app, source, 2);
      source.say("sensor.large", "on", { text: "y".repeat(1024 * 1024) });
      return settled(source, place.database, app.marked());
    },
  },
  {
    fault: "Home Assistant sends wrong types",
    injected:
      "events whose states, instants and ids are numbers, lists, null or missing, among good ones; then states and history that are no lists",
    // Broken once: without the types' check (src/hass/state-change.ts) the writer refuses batches; without the answers' (home.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source });
      await listening(app, source, 1);
      for (const event of WRONG_EVENTS) {
        source.burst(20);
        source.tell(event);
      }
      await untilAllIsStored(source, place.database);
      expect(app.connectedTimes()).toBe(1);
      source.answerWith("get_states", () => ({ not: "a list" }));
      source.answerWith("history/history_during_period", () => ({
        "sensor.busy_1": "no rows",
        "sensor.busy_2": [7, null, { s: 1, lu: "x" }],
      }));
      source.close(1000);
      source.burst(200);
      await listening(app, source, 2);
      // Live changes would hide what was missed, were such an answer taken for one.
      source.burst(200);
      await new Promise((resolve) => setTimeout(resolve, 500));
      source.answerWith("get_states", null);
      // Longer than the second look, which comes after 2 s here.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      source.answerWith("history/history_during_period", null);
      return settled(source, place.database, app.marked());
    },
  },
  {
    fault: "a burst of ten times the usual",
    injected:
      "30,000 changes of 1,500 entities at once; Home Assistant ends the connection after 4,000, the recorder commits after it was asked",
    // Broken once: without the second look (repair.ts) rows are lost.
    async play(place) {
      const source = await place.source();
      const app = await place.appHere({ source, faster: 6 });
      await listening(app, source, 1);
      source.burst(3_000, { entities: 1_500 });
      await untilAllIsStored(source, place.database);
      source.holdRecorder(true);
      source.burst(4_000, { entities: 1_500 });
      source.close(1000);
      source.burst(26_000, { entities: 1_500 });
      await connected(app, 2);
      await allIsAsked(source);
      source.holdRecorder(false);
      return settled(source, place.database, app.marked());
    },
  },
];

/** The first look at history is over: nothing was asked for a while. The second comes after a minute, which is 10 s here. */
async function allIsAsked(source: Source): Promise<void> {
  const before = source.historyAsked();
  for (let last = -1; source.historyAsked() === before || source.historyAsked() !== last; ) {
    last = source.historyAsked();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

const AT = { last_changed: "2026-11-21T10:00:00+00:00", last_updated: "2026-11-21T10:00:00+00:00" };

const WRONG_EVENTS: readonly unknown[] = [
  { data: { entity_id: "sensor.busy_1", new_state: { entity_id: "sensor.busy_1", state: 5, ...AT } } },
  { data: { entity_id: "sensor.busy_1", new_state: { entity_id: "sensor.busy_1", state: null, ...AT } } },
  { data: { entity_id: 5, new_state: { entity_id: 5, state: "on", ...AT } } },
  null,
  17,
  [],
  {},
  { data: null },
  { data: { entity_id: "sensor.busy_1" } },
  { data: { entity_id: "sensor.busy_1", new_state: 5 } },
  { data: { entity_id: "sensor.busy_1", new_state: { entity_id: 5, state: "on", last_changed: "x", last_updated: "x" } } },
  { data: { new_state: { entity_id: "sensor.busy_1", state: 5, last_changed: 5, last_updated: null } } },
  {
    data: {
      new_state: { entity_id: "sensor.busy_1", state: "wrong", last_changed: "2026-13-45T99:99:99+00:00", last_updated: "yesterday" },
    },
  },
  { data: { new_state: { entity_id: "sensor.busy_1", state: ["on"], last_changed: [], last_updated: {} } } },
  { data: { entity_id: "sensor.busy_1", new_state: null }, time_fired: 12 },
  { data: { entity_id: ["sensor.busy_1"], new_state: null }, time_fired: "2026-11-21T10:00:00+00:00" },
];
