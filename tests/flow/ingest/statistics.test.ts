import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import { createPast } from "../../../src/flow/ingest/past.ts";
import type { HomeState, StatisticsRequest } from "../../../src/flow/ingest/ports.ts";
import { createModelStore } from "../../helpers/model-store.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 44);
const EVENTS_FROM_MS = Date.UTC(2026, 10, 11, 3, 20);

const state = (entityId: string, unit: string | null): HomeState => ({
  entityId,
  unit,
  state: "1",
  changedUs: NOW_MS * 1000,
  updatedUs: NOW_MS * 1000,
  userId: null,
});
const STATES = [
  ...Array.from({ length: 60 }, (_, i) => state(`sensor.level_${i}`, "°C")),
  state("sensor.other_unit", "°F"),
  state("sensor.no_statistics", "°C"),
  state("light.a", null),
];

/** A home that has a mean for every hour since `sinceMs` of each sensor that it names. */
function createScene(sinceMs: number) {
  const clock = createLeapingClock(NOW_MS);
  const store = createModelStore();
  const asked: StatisticsRequest[] = [];
  const named = [...STATES.filter(({ unit }) => unit === "°C"), state("sensor.other_unit", "°F"), state("sensor.not_chosen", "°C")]
    .map(({ entityId }) => ({ entityId, unit: "°C" }))
    .filter(({ entityId }) => entityId !== "sensor.no_statistics");
  const home = {
    history: async () => ({ events: [], rows: 0 }),
    statisticIds: async () => named,
    async statistics(request: StatisticsRequest) {
      asked.push(request);
      const hours: number[] = [];
      for (let ms = Math.max(sinceMs, request.fromMs); ms < request.toMs; ms += HOUR_MS) hours.push(ms);
      const events = request.entityIds.flatMap((entityId) =>
        hours.map((ms) => ({ entityId, state: "20", updatedUs: (ms + HOUR_MS) * 1000, knownAtMs: null, source: "statistics" as const })),
      );
      return { events, rows: events.length };
    },
  };
  const troubles: string[] = [];
  const past = (statisticsDays: number, signal = new AbortController().signal) =>
    createPast({
      fetcher: createFetcher(home, clock),
      home,
      store,
      clock,
      isChosen: () => true,
      days: 400,
      statisticsDays,
      onProgress: () => undefined,
      onTrouble: (step) => troubles.push(step),
    }).fetch(STATES, signal);
  const known = store.writePast({ events: [], entityIds: STATES.map((each) => each.entityId), fromMs: EVENTS_FROM_MS, isWhole: true });
  const means = () => [...store.rows.values()].filter((row) => row.source === "statistics");
  return { store, asked, past, home, known, means, troubles };
}

describe("long-term statistics", () => {
  test("every mean from before the events is stored, none after them, none beyond the limit", async () => {
    const { asked, past, means, known } = createScene(Date.UTC(2026, 9, 20));
    await known;
    await past(90);
    const wanted = (Date.UTC(2026, 10, 11, 3) - Date.UTC(2026, 9, 20)) / HOUR_MS;
    expect(means()).toHaveLength(60 * wanted);
    expect(Math.max(...means().map((row) => row.updatedUs / 1000))).toBeLessThanOrEqual(EVENTS_FROM_MS);
    expect(Math.min(...asked.map((request) => request.fromMs))).toBeGreaterThanOrEqual(NOW_MS - 90 * DAY_MS - HOUR_MS);
    expect(asked.length).toBeLessThan(12);
    expect(asked.every((request) => request.entityIds.length <= 50)).toBe(true);
  });

  test("means in another unit than the states, of entities without any, and of ones that are not chosen are left out", async () => {
    const { asked, past, known } = createScene(Date.UTC(2026, 9, 20));
    await known;
    await past(90);
    const ids = new Set(asked.flatMap((request) => request.entityIds));
    expect([...ids].filter((entityId) => !entityId.startsWith("sensor.level_"))).toEqual([]);
  });

  test("a run that is cut off goes on with the chunk it was in; a finished one asks for nothing; none are wanted with 0 days", async () => {
    const { store, asked, past, means, known } = createScene(Date.UTC(2026, 8, 1));
    await known;
    await past(0);
    expect(asked).toEqual([]);
    const stop = new AbortController();
    const { writeStatistics } = store;
    let written = 0;
    store.writeStatistics = async (chunk) => {
      if (++written === 7) stop.abort();
      stop.signal.throwIfAborted();
      return writeStatistics(chunk);
    };
    await expect(past(90, stop.signal)).rejects.toBeDefined();
    store.writeStatistics = writeStatistics;
    const before = asked.length;
    await past(90);
    const keys = asked.map((request) => `${request.entityIds[0]} ${request.toMs}`);
    expect(keys.filter((key, i) => i >= before && keys.indexOf(key) < before)).toHaveLength(1);
    expect(new Set(means().map((row) => row.entityId)).size).toBe(60);
    asked.length = 0;
    await past(90);
    expect(asked).toEqual([]);
  });

  test("a home that has no statistics does not keep the past from being complete", async () => {
    const { home, past, known, troubles } = createScene(0);
    await known;
    home.statisticIds = () => Promise.reject(new Error("unknown command"));
    expect(await past(90)).toMatchObject({ phase: "events" });
    expect(troubles).toEqual(["fetch long-term statistics"]);
  });
});
