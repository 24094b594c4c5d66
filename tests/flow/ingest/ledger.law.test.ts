import fc from "fast-check";
import { expect, test } from "vitest";
import { ingestStore } from "../../../src/app/ingest-store.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/core/time.ts";
import { backfill } from "../../../src/flow/ingest/backfill.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import type { HomePort } from "../../../src/flow/ingest/ports.ts";
import { repair } from "../../../src/flow/ingest/repair.ts";
import { historyMessage, parseHistory } from "../../../src/hass/history.ts";
import { parseStateChange, parseStates } from "../../../src/hass/state-change.ts";
import type { Db } from "../../../src/store/db.ts";
import { inlineWriter } from "../../../src/store/inline-writer.ts";
import { inlineReader } from "../../../src/store/reads.ts";
import { forgetEntityIndex } from "../../../src/store/tables/entity-index.ts";
import { readGaps } from "../../../src/store/tables/gaps.ts";
import { temporaryDatabase } from "../../helpers/database.ts";
import { createModelHome, type HistoryCommand } from "../../helpers/model-home.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const START_MS = 1_795_264_569_000;
const ENTITIES = ["light.a", "sensor.b", "binary_sensor.c", "sensor.left_out", "sensor.left_out_too"];
const isRecorded = (entityId: string): boolean => !entityId.includes("left_out");
const KEPT_MS = 10 * DAY_MS;

/** One thing that happens in the home, `afterMs` after the one before. */
const happening = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 7_200_000 })),
  entity: fc.integer({ min: 0, max: ENTITIES.length - 1 }),
  isForced: fc.boolean(),
  state: fc.constantFrom("on", "off", "unavailable", "17.5"),
  commitSeconds: fc.integer({ min: 0, max: 40 }),
  noise: fc.integer({ min: 0, max: 3_000 }),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** The app hears `heard`; a kill costs `lostWrites` of it; it is away during `missed` and so many days more; its return may be cut off. */
const phase = fc.record({
  heard: fc.array(happening, { maxLength: 6 }),
  lostWrites: fc.integer({ min: 0, max: 3 }),
  missed: fc.array(happening, { maxLength: 10 }),
  awayDays: fc.constantFrom(0, 0, 0, 0, 4, 17),
  missedLate: fc.array(happening, { maxLength: 4 }),
  cutAfterPages: fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
});

function createScene(db: Db) {
  const clock = createLeapingClock(START_MS);
  const home = createModelHome(isRecorded);
  const store = ingestStore({ writer: inlineWriter(db), reads: inlineReader(db) }, clock);
  const ever = new Set<string>();
  /** Nothing later than this can be said to be purged. */
  let oldestKeptMs = 0;
  let fresh: { readonly entityId: string; readonly updatedUs: number }[] = [];

  async function happen({ afterMs, entity, isForced, state, commitSeconds, noise }: Happening, isHeard: boolean): Promise<void> {
    clock.advance(afterMs);
    const at = clock.nowMs() / 1000 + noise / 2 ** 22;
    const change = parseStateChange(home.set(ENTITIES[entity]!, { state, isForced, commitSeconds }, at));
    if (!change) return;
    ever.add(`${change.entityId}@${change.updatedUs}=${change.state}`);
    if (!isHeard) return;
    const event = { ...change, knownAtMs: clock.nowMs(), source: "live" } as const;
    if ((await store.write([event])).inserted > 0) fresh.push(event);
  }

  /** A kill: the newest live rows had not reached the disk. */
  function loseWrites(count: number): void {
    for (const { entityId, updatedUs } of fresh.slice(Math.max(0, fresh.length - count))) {
      db.run(
        "DELETE FROM raw_events WHERE updated_us = ? AND entity_id = (SELECT id FROM entities WHERE entity_id = ?)",
        updatedUs,
        entityId,
      );
    }
    forgetEntityIndex(db);
    fresh = [];
  }

  async function comeBack(cutAfterPages: number | null): Promise<boolean> {
    home.purge((clock.nowMs() - KEPT_MS) / 1000);
    const committed = home.rows().filter((row) => isRecorded(row.entityId) && row.committed * 1000 <= clock.nowMs());
    oldestKeptMs = committed.reduce((ms, row) => Math.min(ms, row.updated * 1000), clock.nowMs()) + 2 * MINUTE_MS;
    const newest = new Map(await store.newestStored());
    const earlier = await store.openGaps();
    const newestUs = [...newest.values()].reduce((a, b) => Math.max(a, b), 0);
    const fromMs = Math.floor(newestUs / 1000);
    const row = newestUs === 0 ? null : await store.noteGap({ entityId: null, fromMs, toMs: clock.nowMs() + 1, reason: "not running" });
    const gap = row && { ...row, fromMs };
    const openGaps = (await store.openGaps()).filter((open) => open.id !== gap?.id || earlier.some((each) => each.id === open.id));
    const listeningSinceMs = clock.nowMs();
    const { states } = parseStates(home.states());
    const cut = new AbortController();
    let pages = 0;
    const history: HomePort["history"] = async (request) => {
      if (pages++ === cutAfterPages) {
        cut.abort();
        throw cut.signal.reason;
      }
      fresh = [];
      return parseHistory(home.history(historyMessage(request) as unknown as HistoryCommand, clock.nowMs() / 1000), request);
    };
    const fetcher = createFetcher({ history }, clock);
    const entityIds = states.map((state) => state.entityId);
    try {
      // The writer works in order: what came before a row of the repair is on disk with it.
      const write: typeof store.write = (events) => {
        fresh = [];
        return store.write(events);
      };
      await repair({ fetcher, clock, store: { ...store, write } }, { states, newest, listeningSinceMs, gap, openGaps }, cut.signal);
      await backfill({ fetcher, clock, store, onProgress: () => undefined }, { entityIds, listeningSinceMs, days: 400 }, cut.signal);
      return true;
    } catch (error) {
      if (!cut.signal.aborted) throw error;
      return false;
    }
  }
  return { clock, happen, loseWrites, comeBack, ever, oldestKeptMs: () => oldestKeptMs };
}

interface StoredRow {
  readonly key: string;
  readonly entityId: string;
}

function storedRows(db: Db): StoredRow[] {
  return db.all(
    `SELECT e.entity_id AS entityId, e.entity_id || '@' || r.updated_us || '=' || r.state AS key
     FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE r.source NOT IN (2, 4)`,
  );
}

test("after any outages, kills, cuts, purges and late commits, what is stored is what happened, and the gaps cover the rest and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 10 }), fc.array(phase, { minLength: 1, maxLength: 4 }), async (before, phases) => {
      const db = temporaryDatabase(START_MS);
      const { clock, happen, loseWrites, comeBack, ever, oldestKeptMs } = createScene(db);
      const outages: { readonly fromMs: number; readonly toMs: number }[] = [];
      const always: Happening = { afterMs: 1, entity: 0, isForced: false, state: "on", commitSeconds: 0, noise: 0 };
      for (const event of [always, ...before]) await happen(event, false);
      await comeBack(null);
      const first = new Set(storedRows(db).map((row) => row.key));
      const neverHeard = new Set([...ever].filter((key) => !isRecorded(key.split("@")[0]!) && !first.has(key)));
      for (const { heard, lostWrites, missed, awayDays, missedLate, cutAfterPages } of phases) {
        for (const event of heard) await happen(event, true);
        loseWrites(lostWrites);
        const fromMs = Number(db.get<{ us: number }>("SELECT max(updated_us) AS us FROM raw_events")!.us) / 1000;
        for (const event of missed) await happen(event, false);
        clock.advance(awayDays * DAY_MS);
        for (const event of missedLate) await happen(event, false);
        outages.push({ fromMs, toMs: clock.nowMs() });
        await comeBack(cutAfterPages);
      }
      // A recorder that shows nothing at all keeps gaps open.
      await happen({ ...always, isForced: true, afterMs: DAY_MS }, true);
      clock.advance(10 * MINUTE_MS);
      expect(await comeBack(null)).toBe(true);

      const stored = storedRows(db);
      const keys = new Set(stored.map((row) => row.key));
      expect(stored.filter((row) => !ever.has(row.key))).toEqual([]);
      expect(readGaps(db, ["open"])).toEqual([]);
      const unknown = readGaps(db, ["partly", "lost"]);
      for (const key of ever) {
        // The past of an entity that the recorder leaves out, from before the first start, is nobody's promise.
        if (keys.has(key) || neverHeard.has(key)) continue;
        const [entityId, rest] = key.split("@") as [string, string];
        const atMs = Number(rest.split("=")[0]) / 1000;
        const isSaid = unknown.some((gap) => (gap.entityId ?? entityId) === entityId && gap.fromMs <= atMs && atMs <= gap.toMs);
        expect(isSaid, `${key} is neither stored nor in a gap`).toBe(true);
      }
      for (const gap of unknown) {
        if (gap.outcome === "partly") expect(isRecorded(gap.entityId!)).toBe(false);
        const within = outages.some((outage) => outage.fromMs - 1 <= gap.fromMs && gap.toMs <= outage.toMs + MINUTE_MS);
        const joined = gap.fromMs >= outages[0]!.fromMs - 1 && gap.toMs <= outages.at(-1)!.toMs + MINUTE_MS;
        expect(within || joined, `${JSON.stringify(gap)} was listened to`).toBe(true);
        if (gap.outcome === "lost") expect(gap.toMs).toBeLessThanOrEqual(oldestKeptMs());
      }
      db.close();
    }),
    { numRuns: 50 },
  );
}, 120_000);
