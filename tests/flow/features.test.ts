import fc from "fast-check";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { createFeatureStage } from "../../src/flow/features.ts";
import type { Db } from "../../src/store/db.ts";
import { trimAll } from "../helpers/trim-all.ts";
import { eventsOfDays, GRID_MS, type SmallHome, START, smallHome } from "./small-home.ts";

const stored = (reader: Db): unknown[] =>
  reader.all("SELECT window_no, values_json, coverage_json, coverage FROM features ORDER BY window_no");

async function insert(home: SmallHome, events: readonly StateEvent[]): Promise<void> {
  await home.writer.write("insertEvents", { events, nowMs: home.clock.nowMs() });
}

/** Everything at once, one pass: what every other way must give. */
async function inOnePass(events: readonly StateEvent[], untilMs: number): Promise<unknown[]> {
  const home = await smallHome();
  await insert(home, events);
  home.clock.jumpTo(untilMs);
  await createFeatureStage(home.context)({});
  return stored(home.reader);
}

test("passes as time goes on, restarts between them, and one pass at the end store the same numbers", async () => {
  const events = eventsOfDays(2);
  const untilMs = START + 2 * DAY_MS;
  const home = await smallHome();
  // All entities speak before the first pass, so that the set is the same.
  const first = events.findIndex((event) => event.entityId === "binary_sensor.bed" && event.state === "off") + 1;
  await insert(home, events.slice(0, first));
  home.clock.jumpTo(events[first]!.updatedUs / 1000);
  let pass = createFeatureStage(home.context);
  await pass({});
  let next = first;
  for (let at = home.clock.nowMs(), k = 0; at <= untilMs; at += 13 * GRID_MS, k += 1) {
    const to = events.findIndex((event, i) => i >= next && event.updatedUs >= at * 1000);
    await insert(home, events.slice(next, to < 0 ? events.length : to));
    next = to < 0 ? events.length : to;
    home.clock.jumpTo(at);
    if (k % 3 === 2) pass = createFeatureStage(home.context);
    await pass({});
  }
  await insert(home, events.slice(next));
  home.clock.jumpTo(untilMs);
  await pass({});
  expect(stored(home.reader)).toEqual(await inOnePass(events, untilMs));
});

test("a clock that was ahead for a while leaves nothing behind: windows go on with the same numbers", async () => {
  const events = eventsOfDays(2);
  const untilMs = START + 2 * DAY_MS;
  const home = await smallHome();
  let nowMs = START + 1.5 * DAY_MS;
  const pass = createFeatureStage({ ...home.context, clock: { ...home.clock, nowMs: () => nowMs } });
  const split = events.findIndex((event) => event.updatedUs > nowMs * 1000);
  await insert(home, events.slice(0, split));
  await pass({});
  nowMs = START + 9 * DAY_MS;
  await pass({});
  const ahead = home.reader.get<{ n: number }>("SELECT max(window_no) AS n FROM features")!.n;
  nowMs = START + 1.6 * DAY_MS;
  await pass({});
  await insert(home, events.slice(split));
  nowMs = untilMs;
  await pass({});
  // Broken once: without taking them back, all that the clock had run ahead stays, and nothing is predicted until its time has come.
  expect(home.reader.get<{ n: number }>("SELECT max(window_no) AS n FROM features")!.n).toBe(untilMs / GRID_MS);
  expect(ahead).toBeGreaterThan(untilMs / GRID_MS);
  expect(stored(home.reader)).toEqual(await inOnePass(events, untilMs));
  expect(home.reader.get("SELECT features_total AS n FROM vw_health")).toEqual(home.reader.get("SELECT count(*) AS n FROM features"));
});

test("a clock that is behind all that is stored takes nothing back", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(2));
  home.clock.jumpTo(START + 2 * DAY_MS);
  await createFeatureStage(home.context)({});
  const before = stored(home.reader);
  // Broken once: by the clock alone every window goes.
  await createFeatureStage({ ...home.context, clock: { ...home.clock, nowMs: () => START - 700 * DAY_MS } })({});
  expect(stored(home.reader)).toEqual(before);
});

test("events that come late, in any order, change the numbers to what they would have been", async () => {
  const events = eventsOfDays(1);
  const untilMs = START + DAY_MS;
  const wanted = await inOnePass(events, untilMs);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(events.length - 1), { minLength: 1, maxLength: 30 }), async (picked) => {
      const late = new Set(picked);
      const home = await smallHome();
      await insert(
        home,
        events.filter((_, i) => !late.has(i)),
      );
      home.clock.jumpTo(untilMs);
      const pass = createFeatureStage(home.context);
      await pass({});
      for (const i of late) await insert(home, [events[i]!]);
      await pass({});
      expect(home.reader.all("SELECT id FROM stale_windows")).toEqual([]);
      expect(stored(home.reader)).toEqual(wanted);
    }),
    { numRuns: 8 },
  );
});

test("a rebuild of a part gives the same stored numbers and availability", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(2));
  home.clock.jumpTo(START + 2 * DAY_MS);
  const pass = createFeatureStage(home.context);
  await pass({});
  const rows = home.reader.all("SELECT window_no, values_json, coverage_json, available_at_ms FROM features");
  await pass({ rebuild: true, fromMs: START + 20 * HOUR_MS, toMs: START + 30 * HOUR_MS });
  expect(home.reader.all("SELECT window_no, values_json, coverage_json, available_at_ms FROM features")).toEqual(rows);
});

test("a gap that turns out to be filled brings back what it had covered", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(1));
  home.clock.jumpTo(START + DAY_MS);
  const pass = createFeatureStage(home.context);
  await pass({});
  const before = stored(home.reader);
  const gap = { entityId: null, fromMs: START + 5 * HOUR_MS, toMs: START + 8 * HOUR_MS, reason: "disconnected" } as const;
  const { id } = await home.writer.write("noteGap", { ...gap, nowMs: home.clock.nowMs() });
  await pass({});
  expect(stored(home.reader)).not.toEqual(before);
  await home.writer.write("settleGap", { id, lostUntilMs: null, unrecorded: [], recorded: [], nowMs: home.clock.nowMs() });
  await pass({});
  expect(stored(home.reader)).toEqual(before);
});

test("an event that comes while a pass computes its window is not lost to it", async () => {
  const events = eventsOfDays(1);
  const untilMs = START + DAY_MS;
  const withheld = events.findIndex((event) => event.updatedUs > (untilMs - HOUR_MS) * 1000);
  const home = await smallHome();
  await insert(
    home,
    events.filter((_, i) => i !== withheld),
  );
  home.clock.jumpTo(untilMs);
  let isSent = false;
  const writer: SmallHome["writer"] = {
    // Between the pass's reading and its writing, as the live stream may do.
    write: async (name, input) => {
      if (name === "putFeatures" && !isSent) {
        isSent = true;
        await insert(home, [events[withheld]!]);
      }
      return home.writer.write(name, input);
    },
  };
  const pass = createFeatureStage({ ...home.context, writer });
  await pass({});
  await pass({});
  expect(stored(home.reader)).toEqual(await inOnePass(events, untilMs));
});

test("windows older than the raw events stay as they are, whatever is chosen, rebuilt or late afterwards", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(14));
  home.clock.jumpTo(START + 14 * DAY_MS);
  const pass = createFeatureStage(home.context);
  await pass({});
  const limits = { rawDays: 3, featureDays: 400, labelledDays: 1095, gridMs: GRID_MS, nowMs: home.clock.nowMs() };
  trimAll(home.db, limits);
  const edgeNo = (START + 11 * DAY_MS) / GRID_MS;
  const old = home.reader.all("SELECT * FROM features WHERE window_no < ?", edgeNo);

  const newcomer = {
    entityId: "light.lamp",
    state: "on",
    updatedUs: (home.clock.nowMs() - HOUR_MS) * 1000,
    knownAtMs: null,
    source: "history" as const,
  };
  await insert(home, [newcomer]);
  await pass({});
  await pass({ rebuild: true });
  await home.writer.write("noteStaleWindows", { fromNo: START / GRID_MS, toNo: edgeNo, nowMs: home.clock.nowMs() });
  await pass({});
  expect(home.reader.all("SELECT * FROM features WHERE window_no < ?", edgeNo)).toEqual(old);
});

test("a state that has held for months does not make the past begin months ago", async () => {
  const home = await smallHome();
  await insert(home, [
    { entityId: "binary_sensor.bed", state: "off", updatedUs: (START - 90 * DAY_MS) * 1000, knownAtMs: null, source: "history" },
  ]);
  await insert(home, eventsOfDays(1));
  await home.writer.write("putPast", { events: [], entityIds: ["binary_sensor.bed"], fromMs: START, isWhole: true, nowMs: START });
  home.clock.jumpTo(START + DAY_MS);
  await createFeatureStage(home.context)({});
  expect(home.reader.get("SELECT MIN(window_no) AS no FROM features")).toEqual({ no: START / GRID_MS + 1 });
});
