import { expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/core/time.ts";
import { createDropped } from "../../../src/flow/ingest/dropped.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import type { HomeState, StorePort } from "../../../src/flow/ingest/ports.ts";
import { createModelStore } from "../../helpers/model-store.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const START_MS = Date.UTC(2026, 0, 5);
const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createScene(over: (store: StorePort) => Partial<StorePort> = () => ({})) {
  const clock = createLeapingClock(START_MS);
  const store = createModelStore();
  const seen = { asked: 0, refilled: 0, troubles: 0 };
  const scene = { clock, store, seen, onAsked: (): void => undefined };
  const history = async () => {
    seen.asked += 1;
    scene.onAsked();
    return { events: [], rows: 0 };
  };
  const states = async (): Promise<HomeState[]> => [];
  const dropped = createDropped({
    fetcher: createFetcher({ history }, clock),
    home: { states },
    store: { ...store, newestStored: async () => new Map([["light.a", 1]]), ...over(store) },
    clock,
    isChosen: () => true,
    onTrouble() {
      seen.troubles += 1;
    },
    onRefilled() {
      seen.refilled += 1;
    },
  });
  const open = (): number => [...store.gaps.values()].filter((gap) => gap.outcome === "open").length;
  return Object.assign(scene, { dropped, open });
}

test("a span younger than the recorder's delay is not asked for and keeps waiting", async () => {
  const { clock, dropped, seen, open } = createScene();
  dropped.note("writer behind", START_MS - 3_000, START_MS);
  await settle();
  clock.advance(MINUTE_MS / 2);
  await dropped.fetch(never);
  expect([seen.asked, seen.refilled, open(), dropped.hasWaiting()]).toEqual([0, 0, 1, true]);
  clock.advance(MINUTE_MS / 2);
  await dropped.fetch(never);
  expect([seen.refilled, open(), dropped.hasWaiting()]).toEqual([1, 0, false]);
});

test("a span that ends in the future, by a clock that was set back, waits no longer than any other", async () => {
  const { dropped, open } = createScene();
  dropped.note("clock jumped", START_MS, START_MS + 1_000 * MINUTE_MS);
  await settle();
  await dropped.fetch(never);
  expect(open()).toBe(1);
  dropped.minuteSlept();
  await dropped.fetch(never);
  expect([open(), dropped.hasWaiting()]).toEqual([0, false]);
});

test("a span that grows while it is fetched stays open", async () => {
  const scene = createScene();
  const { clock, dropped, store, seen, open } = scene;
  dropped.note("writer behind", START_MS - 3_000, START_MS);
  await settle();
  clock.advance(MINUTE_MS);
  scene.onAsked = () => void store.noteGap({ entityId: null, fromMs: START_MS, toMs: clock.nowMs(), reason: "writer behind" });
  await dropped.fetch(never);
  expect([seen.refilled, open(), dropped.hasWaiting()]).toEqual([0, 1, true]);
});

test("a span that could not be noted is noted with the next round", async () => {
  let isBroken = true;
  const { clock, dropped, seen, open } = createScene((store) => ({
    noteGap: (gap) => (isBroken ? Promise.reject(new Error("locked")) : store.noteGap(gap)),
  }));
  dropped.note("writer behind", START_MS - 3_000, START_MS);
  await settle();
  expect([seen.troubles, open(), dropped.hasWaiting()]).toEqual([1, 0, true]);
  isBroken = false;
  await dropped.fetch(never);
  expect([open(), dropped.hasWaiting()]).toEqual([1, true]);
  clock.advance(MINUTE_MS);
  await dropped.fetch(never);
  expect([open(), dropped.hasWaiting()]).toEqual([0, false]);
});
