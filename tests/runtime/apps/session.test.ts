import { expect, test } from "vitest";
import { App } from "../../../src/kit/app.ts";
import { createCallbacks } from "../../../src/kit/calls.ts";
import type { Json, Probability } from "../../../src/kit/contract.ts";
import { limited } from "../../../src/kit/link.ts";
import { createAgenda } from "../../../src/runtime/apps/agenda.ts";
import { createEventListeners } from "../../../src/runtime/apps/event-listeners.ts";
import { createLearned } from "../../../src/runtime/apps/learned.ts";
import { memoryReceipts, memoryStore } from "../../../src/runtime/apps/memory-store.ts";
import { createOutbox } from "../../../src/runtime/apps/outbox.ts";
import { createSession } from "../../../src/runtime/apps/session.ts";
import { createStateListeners } from "../../../src/runtime/apps/state-listeners.ts";
import { createStates } from "../../../src/runtime/apps/states.ts";
import { testHome } from "../../../src/runtime/apps/testing.ts";
import { createJumpingClock } from "../../../src/runtime/clock.ts";

const START = Date.UTC(2026, 0, 10, 11);
const MINUTE = 60_000;
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The runtime's side of one app, at a clock that jumps; the calls are what the app would be told. */
function scene(receipts = memoryReceipts(), startMs = START) {
  const clock = createJumpingClock(startMs);
  const agenda = createAgenda();
  const states = createStates();
  const stateListeners = createStateListeners(states, agenda, clock.nowMs);
  const told: [number, unknown, number][] = [];
  const logs: string[] = [];
  const sets: string[] = [];
  const session = createSession({
    name: "tested",
    ports: {
      clock,
      agenda,
      states,
      stateListeners,
      eventListeners: createEventListeners(() => undefined),
      learned: createLearned(),
      home: {
        callService: async () => null,
        fireEvent: async () => undefined,
        setState: async (entityId, state) => void sets.push(`${entityId} ${state}`),
        history: async () => [],
      },
      findings: { probability: async () => null, changes: async () => [] },
      store: memoryStore(),
      receipts,
      place: () => ({ timeZone: "Europe/Amsterdam", latitude: 52.37, longitude: 4.9 }),
    },
    deliver(id, a, _b, _c, atMs) {
      told.push([id, a, atMs]);
      // As the app does at the end of a run that has a receipt.
      if (id > 0 && a !== null) session.handle("finished", { id: a, error: null });
    },
    log: (_level, text) => void logs.push(text),
  });
  return {
    session,
    states,
    told,
    logs,
    sets,
    async passTo(atMs: number): Promise<void> {
      for (let due = agenda.nextMs(); due !== null && due <= atMs; due = agenda.nextMs()) {
        clock.jumpTo(due);
        agenda.runDue(due);
        await quiet();
      }
      clock.jumpTo(atMs);
    },
  };
}

test.each([
  ["skip", []],
  ["once", ["2026-01-13T06:30:00.000Z"]],
  ["each", ["2026-01-11T06:30:00.000Z", "2026-01-12T06:30:00.000Z", "2026-01-13T06:30:00.000Z"]],
] as const)("a schedule with a name that was away for three days: %s", async (missed, expected) => {
  const receipts = memoryReceipts();
  const wish = { id: 1, time: "07:30", name: "morning", missed };
  const before = scene(receipts, START - 20 * 60 * MINUTE);
  await before.session.handle("runDaily", wish);
  await before.passTo(START);
  expect(before.told).toHaveLength(1);
  before.session.close();
  const after = scene(receipts, START + 3 * 24 * 60 * MINUTE);
  await after.session.handle("runDaily", wish);
  await after.passTo(START + 3 * 24 * 60 * MINUTE + MINUTE);
  expect(after.told.map(([, , atMs]) => new Date(atMs).toISOString())).toEqual(expected);
  const noted = receipts.all().filter((receipt) => receipt.job === "app:tested/morning");
  expect(new Set(noted.map((receipt) => receipt.dueAtMs)).size).toBe(4);
  // A third start at the same time finds nothing due.
  const again = scene(receipts, START + 3 * 24 * 60 * MINUTE + 2 * MINUTE);
  await again.session.handle("runDaily", wish);
  await again.passTo(START + 3 * 24 * 60 * MINUTE + 10 * MINUTE);
  expect(again.told).toEqual([]);
});

// Broken once: with a close that cancels nothing (session.ts) what was asked for before still comes.
test("plain schedules come at their time, by the wall clock, and after close none comes any more", async () => {
  const { session, told, passTo } = scene();
  session.handle("runIn", { id: 1, seconds: 90 });
  await session.handle("runAt", { id: 2, instant: "2026-01-10T11:10:00Z" });
  session.handle("runOnce", { id: 3, time: "12:05" });
  await session.handle("runEvery", { id: 4, seconds: 600 });
  await session.handle("runCron", { id: 5, expression: "*/20 * * * *" });
  await session.handle("runAtSunset", { id: 6, offset: -3600 });
  await passTo(START + 30 * MINUTE);
  const minutes = told.filter(([id]) => id > 0).map(([id, , atMs]) => [id, (atMs - START) / MINUTE]);
  expect(minutes).toEqual([
    [1, 1.5],
    [3, 5],
    [2, 10],
    [4, 10],
    [5, 20],
    [4, 20],
    [4, 30],
  ]);
  // Those that come once have told the app to forget them.
  expect(
    told
      .filter(([id]) => id < 0)
      .map(([id]) => -id)
      .sort(),
  ).toEqual([1, 2, 3]);
  session.handle("cancel", { id: 4 });
  await passTo(START + 5 * 60 * MINUTE);
  expect(told.filter(([id]) => id === 4)).toHaveLength(3);
  const sunset = told.find(([id]) => id === 6)![2];
  expect(new Date(sunset).toISOString()).toMatch(/^2026-01-10T14:(49|50)/);
  session.close();
  const before = told.length;
  await passTo(START + 48 * 60 * MINUTE);
  expect(told).toHaveLength(before);
  expect(() => session.handle("getState", { entityId: "light.a" })).toThrow(/ending/);
});

test.each([
  ["listenState", { id: 1, entity: "Light.Kitchen" }, /entity\.0: .*entity id like light\.kitchen.*"Light\.Kitchen"/],
  ["listenState", { id: 1, entity: "light.a", duration: "5" }, /duration: .*number.*"5"/],
  ["listenState", { id: 1, entity: "light.a", durations: 5 }, /durations/],
  ["runCron", { id: 1, expression: "every now and then" }, /every now and then/],
  ["runEvery", { id: 1, seconds: 0 }, /at least 1/],
  ["runDaily", { id: 1, time: "07:30", missed: "each" }, /needs a name/],
  ["callService", { service: "light.turn_on", entityId: ["light.a", 7] }, /entityId.*7/],
  ["runAt", { id: 1, instant: "tomorrow" }, /instant: must be ms since 1970, or an instant like .*"tomorrow"/],
  ["callService", { service: "turn_on" }, /service like light\.turn_on/],
  ["onProbability", { id: 1, target: "sleep" }, /above or below is wanted/],
  ["setState", { entityId: "light.mine", state: "on", attributes: {} }, /sensor of your own/],
  ["fly", {}, /knows no request "fly"/],
] as const)("what an app asks wrongly is refused in words: %s %j", async (request, input, says) => {
  const { session } = scene();
  await expect((async () => session.handle(request, input))()).rejects.toThrow(says);
});

// Broken once: without the look at who made a sensor (session.ts) sensor.power is overwritten.
test("an entity that is not there is said once, with the name that was meant; sensors of others are not set", async () => {
  const { session, states, logs, sets } = scene();
  states.compare([
    { entityId: "light.kitchen", state: "on", attributes: {}, changedUs: 1, updatedUs: 1 },
    { entityId: "sensor.power", state: "5", attributes: {}, changedUs: 1, updatedUs: 1 },
    { entityId: "sensor.other", state: "5", attributes: { made_by: "ml_data_layer/somebody" }, changedUs: 1, updatedUs: 1 },
    { entityId: "sensor.mine", state: "5", attributes: { made_by: "ml_data_layer/tested" }, changedUs: 1, updatedUs: 1 },
  ]);
  for (let id = 1; id < 4; id += 1) session.handle("listenState", { id, entity: "light.kitchn" });
  expect(logs).toEqual(["The home has no entity light.kitchn yet. Is light.kitchen meant?"]);
  const set = async (entityId: string) => session.handle("setState", { entityId, state: "1", attributes: {} });
  await expect(set("sensor.power")).rejects.toThrow(/belongs to Home Assistant/);
  await expect(set("sensor.other")).rejects.toThrow(/belongs to ml_data_layer\/somebody/);
  await set("sensor.mine");
  await set("sensor.new");
  expect(sets).toEqual(["sensor.mine 1", "sensor.new 1"]);
});

// Broken once: with a full queue that refuses the newest (outbox.ts) the last change is not heard.
test("an app that does not read loses the oldest calls, counted, and gets the newest in order", async () => {
  const batches: (readonly unknown[])[] = [];
  const dropped: number[] = [];
  const outbox = createOutbox(
    (calls) => void batches.push(calls),
    (total) => void dropped.push(total),
  );
  for (let i = 0; i < 30_000; i += 1) {
    outbox.add(1, i, null, null, 0);
    if (i === 10) await quiet();
  }
  await quiet();
  for (let i = 0; i < batches.length; i += 1) {
    outbox.taken();
    await quiet();
  }
  const read = batches.flatMap((calls) => calls.filter((_, at) => at % 5 === 1) as number[]);
  expect(outbox.counts()).toEqual({ delivered: read.length, dropped: dropped.length, waiting: 0 });
  expect(read.length + dropped.length).toBe(30_000);
  expect(dropped.length).toBeGreaterThan(0);
  expect([...read].sort((a, b) => a - b)).toEqual(read);
  expect(read.at(-1)).toBe(29_999);
});

// Broken once: with a limit of 640 (link.ts) so many are under way.
test("an app has at most 64 requests under way, and all are answered in order", async () => {
  let [underWay, most] = [0, 0];
  const order: number[] = [];
  const link = limited({
    async call(_name, input) {
      underWay += 1;
      most = Math.max(most, underWay);
      await quiet();
      underWay -= 1;
      order.push(input as number);
      return input;
    },
  });
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => link.call("get", i)));
  expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(most).toBe(64);
  expect(order).toEqual(answers);
});

test("what a probability must be for how long is told once each time, and anew only after it was otherwise", () => {
  const learned = createLearned();
  const told: number[] = [];
  learned.onProbability("sleep", { above: 0.8, forMinutes: 10 }, ({ windowEndMs }) => void told.push(windowEndMs / MINUTE));
  const story: (number | null)[] = [0.9, 0.9, 0.9, 0.9, null, 0.9, 0.9, 0.9, 0.5, 0.9, 0.9, null, 0.9, 0.9, 0.9];
  for (const [i, probability] of story.entries()) {
    const windowEndMs = i * 5 * MINUTE;
    learned.predicted({ target: "sleep", probability, isOn: null, stage: null, reason: null, windowEndMs } satisfies Probability);
  }
  expect(told).toEqual([10, 70]);
});

test("a callback that waits is waited for by the test home, one that throws fails the step that led to it", async () => {
  class Slow extends App {
    override async initialize(): Promise<void> {
      await this.listenState("sensor.a", async (change) => {
        await this.store.set("seen", change.new);
        const kept: Json | undefined = await this.store.get("seen");
        if (kept === "bad") throw new RangeError("too bad");
        await this.setState("sensor.mine", String(kept));
      });
    }
  }
  const home = await testHome(Slow, { states: { "sensor.a": "1" } });
  await home.set("sensor.a", "2");
  expect(home.sets).toMatchObject([{ entityId: "sensor.mine", state: "2", attributes: { made_by: "ml_data_layer/tested" } }]);
  await expect(home.set("sensor.a", "bad")).rejects.toThrow("too bad");
  await home.stop();
});

test("callbacks that have ended are forgotten, so that an app can make them for years", () => {
  const callbacks = createCallbacks(() => undefined);
  let heard = 0;
  const id = callbacks.add(() => {
    heard += 1;
  });
  callbacks.take([id, null, null, null, 0, -id, null, null, null, 0, id, null, null, null, 0]);
  expect(heard).toBe(1);
});
