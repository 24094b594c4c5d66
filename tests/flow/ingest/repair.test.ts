import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/time.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import type { HomePort, StateChange } from "../../../src/flow/ingest/ports.ts";
import { type RepairReport, repair } from "../../../src/flow/ingest/repair.ts";
import { historyMessage, parseHistory } from "../../../src/hass/history.ts";
import { secondsToUs } from "../../../src/hass/instants.ts";
import { parseStateChange, parseStates } from "../../../src/hass/state-change.ts";
import { createModelHome, type HistoryCommand, type Row } from "../../helpers/model-home.ts";
import { createModelStore, rowKey } from "../../helpers/model-store.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const START_MS = 1_795_264_569_000;
const ENTITIES = ["light.a", "sensor.b", "binary_sensor.c", "person.d", "sensor.not_recorded"];
const isRecorded = (entityId: string): boolean => entityId !== "sensor.not_recorded";

/** One thing that happens in the home, `afterMs` after the one before. */
const happening = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 3_600_000 })),
  entity: fc.integer({ min: 0, max: ENTITIES.length - 1 }),
  what: fc.constantFrom("change", "change", "change", "attributes", "force", "remove"),
  state: fc.constantFrom("on", "off", "unavailable", "17.5"),
  commitSeconds: fc.integer({ min: 0, max: 40 }),
  noise: fc.integer({ min: 0, max: 3_000 }),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const ALWAYS_THERE: Happening = { afterMs: 1, entity: 0, what: "change", state: "on", commitSeconds: 0, noise: 0 };

/** The app listens to `heard`, then is away during `missed`, comes back and repairs; a cut repair dies after so many pages. */
const phase = fc.record({
  heard: fc.array(happening, { maxLength: 8 }),
  missed: fc.array(happening, { maxLength: 12 }),
  lostWrites: fc.integer({ min: 0, max: 4 }),
  cutAfterPages: fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }),
  duringRepair: fc.array(happening, { maxLength: 3 }),
});

function createScene() {
  const clock = createLeapingClock(START_MS);
  const home = createModelHome(isRecorded);
  const store = createModelStore();
  let liveSinceRepair: string[] = [];
  let attribute = 0;

  const isOnDisk = (entityId: string): boolean =>
    [...store.rows].some(([key, row]) => row.entityId === entityId && !liveSinceRepair.includes(key));

  function happen(event: Happening, isHeard: boolean): void {
    clock.advance(event.afterMs);
    const at = clock.nowMs() / 1000 + event.noise / 2 ** 22;
    const entityId = ENTITIES[event.entity]!;
    const { state, commitSeconds } = event;
    const current = home.states().find((entry) => entry["entity_id"] === entityId);
    // Not to be known: an entity that comes and goes before anything of it is on disk, and when one went that the recorder leaves out.
    if (event.what === "remove" && (!current || !isRecorded(entityId) || !isOnDisk(entityId))) return;
    attribute += 1;
    const fired =
      event.what === "remove"
        ? home.remove(entityId, at)
        : event.what === "attributes"
          ? home.set(entityId, { state: current ? String(current["state"]) : state, attributes: { n: attribute }, commitSeconds }, at)
          : home.set(entityId, { state, isForced: event.what === "force", commitSeconds }, at);
    const change = parseStateChange(fired);
    if (!isHeard || !change || change.changedUs !== change.updatedUs) return;
    const row = { ...change, knownAtMs: clock.nowMs(), source: "live" as const };
    if (!store.rows.has(rowKey(row))) liveSinceRepair.push(rowKey(row));
    store.rows.set(rowKey(row), store.rows.get(rowKey(row)) ?? row);
  }

  /** A kill: the newest live rows had not reached the disk. */
  function loseWrites(count: number): void {
    for (const key of liveSinceRepair.splice(liveSinceRepair.length - Math.min(count, liveSinceRepair.length))) store.rows.delete(key);
  }

  async function comeBack(during: readonly Happening[], cutAfterPages: number | null): Promise<RepairReport | null> {
    const newest = new Map(await store.newestStored());
    const earlier = await store.openGaps();
    const newestUs = [...newest.values()].reduce((a, b) => Math.max(a, b), 0);
    const fromMs = Math.floor(newestUs / 1000);
    const row = newestUs === 0 ? null : await store.noteGap({ entityId: null, fromMs, toMs: clock.nowMs() + 1, reason: "not running" });
    const gap = row && { ...row, fromMs };
    const openGaps = (await store.openGaps()).filter((open) => open.id !== gap?.id || earlier.some((each) => each.id === open.id));
    const listeningSinceMs = clock.nowMs();
    const states: readonly StateChange[] = parseStates(home.states()).states;
    const cut = new AbortController();
    const waiting = [...during];
    let pages = 0;
    const history: HomePort["history"] = async (request) => {
      if (pages++ === cutAfterPages) {
        cut.abort();
        throw cut.signal.reason;
      }
      const page = parseHistory(home.history(historyMessage(request) as unknown as HistoryCommand, clock.nowMs() / 1000), request);
      const next = waiting.shift();
      if (next) happen({ ...next, afterMs: Math.min(next.afterMs, 50) }, true);
      liveSinceRepair = []; // the writer works in order: what came before a fetched page is on disk with it
      return page;
    };
    const fetcher = createFetcher({ history }, clock);
    const write: typeof store.write = (events) => {
      liveSinceRepair = [];
      return store.write(events);
    };
    try {
      return await repair({ fetcher, clock, store: { ...store, write } }, { states, newest, listeningSinceMs, gap, openGaps }, cut.signal);
    } catch (error) {
      if (!cut.signal.aborted) throw error;
      return null;
    }
  }

  const truth = (rows: readonly Row[]): string[] =>
    rows.filter((row) => row.changed === row.updated).map((row) => `${row.entityId}@${secondsToUs(row.updated)}=${row.state}`);
  return { clock, home, store, happen, loseWrites, comeBack, truth };
}

describe("repair", () => {
  test("after any outages, kills and cut repairs the stored rows are the home's own rows: none lost, none doubled, none invented", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 10 }), fc.array(phase, { minLength: 1, maxLength: 5 }), async (before, phases) => {
        const { home, store, happen, loseWrites, comeBack, truth } = createScene();
        // Before the first start nobody listens; that past is the back-fill's and only its newest states are asked for here.
        for (const event of [ALWAYS_THERE, ...before]) happen(event, false);
        const past = new Set(truth(home.rows()));
        await comeBack([], null);
        const firstStates = new Set(store.contents());
        for (const { heard, missed, lostWrites, cutAfterPages, duringRepair } of phases) {
          for (const event of heard) happen(event, true);
          loseWrites(lostWrites);
          for (const event of missed) happen(event, false);
          await comeBack(duringRepair, cutAfterPages);
        }
        const report = await comeBack([], null);

        const wanted = truth(home.rows()).filter((row) => !past.has(row) || firstStates.has(row));
        const stored = store.contents();
        const ofRecorded = (rows: readonly string[]): string[] => rows.filter((row) => isRecorded(row.split("@")[0]!));
        const within = new Set(truth(home.rows()));
        expect(stored.filter((row) => !within.has(row))).toEqual([]); // none invented
        // Rows before the first start may come along with the overlap; they are true ones.
        const missing = ofRecorded(wanted).filter((row) => !stored.includes(row));
        expect(missing).toEqual([]);
        expect(new Set(stored.map((row) => row.split("=")[0])).size).toBe(stored.length);
        expect([...store.gaps.values()].filter((gap) => gap.outcome === "open")).toEqual([]);
        expect(report).not.toBeNull();
        expect([...store.rows.values()].filter((row) => row.source === "anchor")).toEqual([]);
        // An entity that the recorder leaves out: its newest state is there, and what may be missing is said.
        for (const row of wanted.filter((each) => !stored.includes(each))) {
          const atMs = Number(row.split("@")[1]!.split("=")[0]) / 1000;
          const said = [...store.gaps.values()].some(
            ({ unrecorded, outcome, fromMs, toMs }) =>
              unrecorded.includes(row.split("@")[0]!) && outcome === "partly" && fromMs <= atMs && atMs <= toMs,
          );
          expect(said, row).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("away for longer than the recorder keeps: what it still has is stored, the rest is a gap that stays", async () => {
    const { clock, home, store, happen, comeBack, truth } = createScene();
    const change = (afterMs: number, isHeard: boolean): void =>
      happen({ afterMs, entity: 1, what: "force", state: "on", commitSeconds: 0, noise: 0 }, isHeard);
    change(1, true);
    await comeBack([], null);
    const leftAtMs = clock.nowMs();
    for (let hour = 0; hour < 20 * 24; hour += 1) change(HOUR_MS, false);
    const purgedMs = clock.nowMs() - 10 * 24 * HOUR_MS;
    home.purge(purgedMs / 1000);
    const report = await comeBack([], null);
    expect(truth(home.rows()).filter((row) => !store.contents().includes(row))).toEqual([]);
    expect(report).toMatchObject({ lost: 1, unrecorded: 0 });
    expect([...store.gaps.values()]).toMatchObject([
      { outcome: "filled" },
      { entityId: null, reason: "not running", outcome: "lost", unrecorded: [] },
    ]);
    expect(store.gaps.get(2)!.fromMs).toBeLessThanOrEqual(leftAtMs);
    expect(Math.abs(store.gaps.get(2)!.lostUntilMs! - purgedMs)).toBeLessThan(HOUR_MS + 2 * 60_000);
  });
});

test("who set what nobody heard is handed to the store where it is the last that happened to it", async () => {
  const clock = createLeapingClock(START_MS);
  const store = createModelStore();
  const written: unknown[] = [];
  const write: typeof store.write = (events, saidBy) => {
    written.push([events.map(({ entityId }) => entityId), saidBy]);
    return store.write(events);
  };
  const state = (entityId: string, userId: string | null, updatedUs: number): StateChange => {
    return { entityId, state: "on", changedUs: START_MS * 1000, updatedUs, userId };
  };
  const states = [
    state("input_boolean.asleep", "ann", START_MS * 1000),
    state("light.a", null, START_MS * 1000),
    state("light.b", "ann", START_MS * 1000 + 1),
  ];
  const fetcher = createFetcher({ history: async () => ({ events: [], rows: 0 }) }, clock);
  const input = { states, newest: new Map(), listeningSinceMs: START_MS, gap: null, openGaps: [] };
  await repair({ fetcher, clock, store: { ...store, write } }, input, new AbortController().signal);
  expect(written[0]).toEqual([["input_boolean.asleep", "light.a", "light.b"], { 0: "ann" }]);
});
