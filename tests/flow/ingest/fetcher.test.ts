import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/time.ts";
import { compare, spansOf } from "../../../src/flow/ingest/differences.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import type { HistoryRequest } from "../../../src/flow/ingest/ports.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `sensor.n${i}`);
const never = new AbortController().signal;
const ignore = async (): Promise<void> => undefined;

/** A recorder with so many rows per entity and hour that takes `tookMs` for an answer. */
function createScene(rowsPerHour: number, tookMs = 10) {
  const clock = createLeapingClock(0);
  const asked: (HistoryRequest & { readonly atMs: number })[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const history = async (request: HistoryRequest) => {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    asked.push({ ...request, atMs: clock.nowMs() });
    await Promise.resolve();
    clock.advance(tookMs);
    underWay -= 1;
    return { events: [], rows: Math.round(((request.toMs - request.fromMs) / HOUR_MS) * rowsPerHour * request.entityIds.length) };
  };
  return { clock, asked, history, mostUnderWay: () => mostUnderWay };
}

describe("fetcher", () => {
  test("a span is covered for every entity without gap or overlap, in chunks of at most 50 entities and 6 hours", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 40 * HOUR_MS }),
        fc.double({ min: 0, max: 4_000, noNaN: true }),
        async (count, lengthMs, rate) => {
          const { clock, asked, history } = createScene(rate);
          await createFetcher({ history }, clock).fetch({ entityIds: ids(count), fromMs: 1_000, toMs: 1_000 + lengthMs }, ignore, never);
          for (const group of [ids(count).slice(0, 50), ids(count).slice(50, 100), ids(count).slice(100)]) {
            const mine = asked.filter((request) => request.entityIds[0] === group[0]);
            if (group.length === 0) continue;
            expect(mine[0]?.fromMs).toBe(1_000);
            expect(mine.at(-1)?.toMs).toBe(1_000 + lengthMs);
            expect(mine.every((request, i) => i === 0 || request.fromMs === mine[i - 1]!.toMs)).toBe(true);
            expect(mine.every((request) => request.toMs - request.fromMs <= 6 * HOUR_MS && request.entityIds.length <= 50)).toBe(true);
            expect(mine.every((request) => request.entityIds.join() === group.join())).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("chunks are sized by the rows expected: a busy home is asked for minutes at a time, a quiet one for hours", async () => {
    const busy = createScene(3_600);
    await createFetcher(busy, busy.clock).fetch({ entityIds: ids(50), fromMs: 0, toMs: 2 * HOUR_MS }, ignore, never);
    expect(Math.max(...busy.asked.map((request) => ((request.toMs - request.fromMs) / HOUR_MS) * 3_600 * 50))).toBeLessThan(40_000);
    const quiet = createScene(2);
    const quietFetcher = createFetcher(quiet, quiet.clock);
    await quietFetcher.fetch({ entityIds: ids(40), fromMs: 0, toMs: 56 * 24 * HOUR_MS }, ignore, never);
    expect(quiet.asked.length).toBeLessThan(56 * 4 + 8);
  });

  test("a home that answers at once is not kept waiting, one that answers slowly gets longer pauses than its answers took", async () => {
    const fast = createScene(1, 20);
    await createFetcher(fast, fast.clock).fetch({ entityIds: ids(1), fromMs: 0, toMs: 48 * HOUR_MS }, ignore, never);
    expect(fast.clock.nowMs()).toBe(fast.asked.length * 20);
    const slow = createScene(1, 2_000);
    await createFetcher(slow, slow.clock).fetch({ entityIds: ids(1), fromMs: 0, toMs: 48 * HOUR_MS }, ignore, never);
    expect(slow.clock.nowMs()).toBeGreaterThanOrEqual(slow.asked.length * 6_000);
  });

  test("one request is under way at a time, whoever asks", async () => {
    const { clock, history, mostUnderWay } = createScene(10);
    const fetcher = createFetcher({ history }, clock);
    const span = { entityIds: ids(60), fromMs: 0, toMs: 20 * HOUR_MS };
    await Promise.all([
      fetcher.fetch(span, ignore, never),
      fetcher.fetch(span, ignore, never),
      fetcher.ask({ ...span, withStartState: true }, never),
    ]);
    expect(mostUnderWay()).toBe(1);
  });

  test("only the first chunk of a span asks for the state at its start", async () => {
    const { clock, asked, history } = createScene(10);
    await createFetcher({ history }, clock).fetch(
      { entityIds: ids(60), fromMs: 0, toMs: 20 * HOUR_MS, withStartState: true },
      ignore,
      never,
    );
    expect(asked.filter((request) => request.withStartState).map((request) => [request.fromMs, request.entityIds.length])).toEqual([
      [0, 50],
      [0, 10],
    ]);
  });

  test("a failed chunk is asked for again, smaller and after growing pauses, until it gives up", async () => {
    const { clock, asked, history } = createScene(1);
    let failures = 3;
    const flaky = async (request: HistoryRequest) => {
      const page = await history(request);
      if (failures-- > 0) throw new Error("too slow");
      return page;
    };
    const pages: number[] = [];
    await createFetcher({ history: flaky }, clock).fetch(
      { entityIds: ids(10), fromMs: 0, toMs: HOUR_MS / 4 },
      async (page) => void pages.push(page.rows),
      never,
    );
    const lengths = asked.slice(0, 4).map((request) => request.toMs - request.fromMs);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths[3]).toBeLessThan(lengths[0]!);
    expect(asked.slice(0, 4).every((request) => request.fromMs === 0)).toBe(true);
    const broken = createFetcher({ history: () => Promise.reject(new Error("gone")) }, clock);
    await expect(broken.fetch({ entityIds: ids(1), fromMs: 0, toMs: 1 }, ignore, never)).rejects.toThrow("gone");
  });

  test("an aborted fetch asks nothing more", async () => {
    const { clock, asked, history } = createScene(10);
    const stop = new AbortController();
    const onPage = async (): Promise<void> => stop.abort();
    await expect(
      createFetcher({ history }, clock).fetch({ entityIds: ids(60), fromMs: 0, toMs: 20 * HOUR_MS }, onPage, stop.signal),
    ).rejects.toBeDefined();
    expect(asked).toHaveLength(1);
  });
});

describe("spans of differences", () => {
  test("every difference is covered, and none is asked for more than four times its own span", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9 * 24 * HOUR_MS, max: 10_000 }), { maxLength: 60 }), (froms) => {
        const differences = froms.map((fromMs, i) => ({ entityId: `sensor.n${i}`, fromMs }));
        const spans = spansOf(differences, 0);
        for (const { entityId, fromMs } of differences) {
          const mine = spans.filter((span) => span.entityIds.includes(entityId));
          if (fromMs >= 0) expect(mine).toEqual([]);
          else {
            expect(mine).toHaveLength(1);
            expect(mine[0]!.fromMs).toBeLessThanOrEqual(fromMs);
            expect(-mine[0]!.fromMs).toBeLessThanOrEqual(4 * Math.max(120_000, -fromMs));
          }
        }
      }),
    );
  });
});

describe("comparison", () => {
  const state = { entityId: "light.a", state: "on", changedUs: 5_000_000, updatedUs: 9_000_000, userId: null };
  const gap = { id: 1, entityId: null, fromMs: 7_000, toMs: 8_000, reason: "disconnected" } as const;

  test("an entity whose attributes alone changed since does not differ", () => {
    expect(compare([state], new Map([["light.a", 5_000_000]]), gap)).toEqual({ differences: [], unstored: [] });
    expect(compare([state], new Map([["light.a", 4_999_999]]), gap).unstored).toEqual([state]);
  });

  test("a stored entity that is gone is asked for over the gap alone, unless its id would make Home Assistant refuse the request", () => {
    const newest = new Map([
      ["light.gone", 1_000_000],
      ["climate.x#current_temperature", 1_000_000],
      ["light.a_", 1_000_000],
    ]);
    expect(compare([], newest, gap).differences).toEqual([
      { entityId: "light.gone", fromMs: 2_000 },
      { entityId: "climate.x#current_temperature", fromMs: 2_000 },
    ]);
    expect(compare([], newest, null).differences).toEqual([]);
  });
});
