import { describe, expect, test } from "vitest";
import type { StateEvent } from "../../../src/core/events/event.ts";
import { createLive, type LiveOptions } from "../../../src/flow/ingest/live.ts";
import type { StateChange } from "../../../src/flow/ingest/ports.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const change = (n: number, over: Partial<StateChange> = {}): StateChange => ({
  entityId: `sensor.n${n % 7}`,
  state: `${n}`,
  changedUs: 1_000_000 + n,
  updatedUs: 1_000_000 + n,
  userId: null,
  ...over,
});

interface Written {
  readonly events: readonly StateEvent[];
  readonly saidBy: Readonly<Record<number, string>> | undefined;
}

function createScene(over: Partial<LiveOptions> = {}) {
  const clock = createLeapingClock(5_000);
  const written: Written[] = [];
  const dropped: { fromUs: number; toUs: number; count: number }[] = [];
  const failures: unknown[] = [];
  const live = createLive({
    clock,
    write: async (events, saidBy) => {
      written.push({ events, saidBy });
      return { inserted: events.length };
    },
    isChosen: () => true,
    isHelper: (entityId) => entityId.startsWith("input_"),
    onDropped: (span) => void dropped.push(span),
    onWriteFailed: (error) => void failures.push(error),
    ...over,
  });
  return { clock, written, dropped, failures, live };
}

describe("live changes", () => {
  test("a batch is written at its size or at the tick, in the order of arrival", async () => {
    const { live, clock, written } = createScene({ batchSize: 3 });
    for (let n = 0; n < 4; n += 1) live.accept(change(n));
    await Promise.resolve();
    expect(written.map(({ events }) => events.map((event) => event.state))).toEqual([["0", "1", "2"]]);
    clock.tick();
    await live.flush();
    expect(written.map(({ events }) => events.length)).toEqual([3, 1]);
    expect(written[0]?.events[0]).toEqual({ entityId: "sensor.n0", state: "0", updatedUs: 1_000_000, knownAtMs: 5_000, source: "live" });
  });

  test("changes of attributes alone and entities that are not chosen are left out and counted", async () => {
    const { live, written } = createScene({ isChosen: (entityId) => entityId === "sensor.n1" });
    live.accept(change(1));
    live.accept(change(1, { changedUs: 999 }));
    live.accept(change(2));
    await live.flush();
    expect(written.flatMap(({ events }) => events)).toHaveLength(1);
    expect(live.counts()).toMatchObject({ accepted: 1, ignored: 2, written: 1, inserted: 1, held: 0 });
  });

  test("the person who set a label helper comes along, nobody else's does", async () => {
    const { live, written } = createScene();
    live.accept(change(1, { userId: "u1" }));
    live.accept(change(2, { entityId: "input_datetime.sleep_start", userId: "u2" }));
    live.accept(change(3, { entityId: "input_datetime.sleep_end" }));
    await live.flush();
    expect(written[0]?.saidBy).toEqual({ 1: "u2" });
  });

  test("a batch that could not be written is kept and written later, nothing doubled or lost", async () => {
    let isFull = true;
    const stored: string[] = [];
    const { live, clock, failures } = createScene({
      batchSize: 2,
      write: async (events) => {
        if (isFull) throw new Error("disk full");
        stored.push(...events.map((event) => event.state));
        return { inserted: events.length };
      },
    });
    for (let n = 0; n < 5; n += 1) live.accept(change(n));
    await live.flush();
    expect(failures.length).toBeGreaterThan(0);
    expect(live.counts()).toMatchObject({ written: 0, held: 5 });
    isFull = false;
    clock.tick();
    await live.flush();
    expect(stored.sort()).toEqual(["0", "1", "2", "3", "4"]);
    expect(live.counts()).toMatchObject({ written: 5, held: 0 });
  });

  test("behind a stuck writer memory stays bounded; what is dropped is counted and its span told once there is room", async () => {
    const stuck: (() => void)[] = [];
    const { live, dropped } = createScene({
      batchSize: 10,
      maxHeld: 100,
      write: (events) => new Promise((resolve) => stuck.push(() => resolve({ inserted: events.length }))),
    });
    for (let n = 0; n < 150; n += 1) live.accept(change(n));
    expect(live.counts()).toMatchObject({ accepted: 100, dropped: 50, held: 100 });
    expect(dropped).toEqual([]);
    const flushed = live.flush();
    while (live.counts().held > 0) {
      stuck.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await flushed;
    expect(dropped).toEqual([{ fromUs: 1_000_100, toUs: 1_000_149, count: 50 }]);
  });

  test("what was dropped until the stop is told at the stop", async () => {
    const { live, dropped } = createScene({ maxHeld: 1, write: () => Promise.reject(new Error("disk full")) });
    live.accept(change(1));
    live.accept(change(2));
    await live.stop();
    expect(dropped).toEqual([{ fromUs: 1_000_002, toUs: 1_000_002, count: 1 }]);
  });

  test("an event from the future does not count as the newest that was heard", () => {
    const { live, clock } = createScene();
    live.accept(change(1, { changedUs: 9e15, updatedUs: 9e15 }));
    expect(live.newestUs()).toBe((clock.nowMs() + 30_000) * 1000);
    const ahead = createScene({ homeNowMs: () => 5_000_000 });
    ahead.live.accept(change(1, { changedUs: 5_001_000_000, updatedUs: 5_001_000_000 }));
    expect(ahead.live.newestUs()).toBe(5_001_000_000);
  });

  test("a flood is written by several batches at a time, but no more than eight", async () => {
    let underWay = 0;
    let most = 0;
    const { live } = createScene({
      batchSize: 5,
      write: async (events) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setTimeout(resolve, 1));
        underWay -= 1;
        return { inserted: events.length };
      },
    });
    for (let n = 0; n < 500; n += 1) live.accept(change(n));
    await live.flush();
    expect(most).toBe(8);
    expect(live.counts()).toMatchObject({ written: 500, held: 0 });
  });
});
