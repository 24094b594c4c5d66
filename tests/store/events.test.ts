import fc from "fast-check";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { forgetEntityIndex } from "../../src/store/tables/entity-index.ts";
import { eachEvent, newestStored, readHelperChanges } from "../../src/store/tables/events.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const event = (entityId: string, atMs: number, state = "on", source: StateEvent["source"] = "live"): StateEvent => ({
  entityId,
  state,
  updatedUs: atMs * 1000,
  knownAtMs: source === "live" ? atMs + 20 : null,
  source,
});

function stored(db: Db, fromMs: number, toMs: number): { atMs: number; source: string }[] {
  const rows: { atMs: number; source: string }[] = [];
  eachEvent(db, fromMs, toMs, (_entity, updatedUs, _state, _known, source) => rows.push({ atMs: updatedUs / 1000, source }));
  return rows;
}

const someEvents = fc.array(
  fc.record({
    entity: fc.integer({ min: 0, max: 4 }),
    at: fc.integer({ min: 0, max: 5000 }),
    state: fc.constantFrom("on", "off", "unavailable"),
  }),
  { maxLength: 60 },
);

test("any order, any batches, any repeats store each event once", () => {
  fc.assert(
    fc.property(someEvents, fc.integer({ min: 1, max: 20 }), (drawn, size) => {
      const seen = new Map(drawn.map((each) => [`${each.entity} ${each.at}`, each]));
      const events = [...seen.values()].map((each) => event(`light.l${each.entity}`, NOW + each.at, each.state));
      const db = temporaryDatabase();
      const twice = [...events, ...events.toReversed()];
      for (let i = 0; i < twice.length; i += size) execute(db, "insertEvents", { events: twice.slice(i, i + size), nowMs: NOW });
      expect(stored(db, NOW, NOW + 10_000)).toHaveLength(events.length);
      const total = db.get<{ value: string }>("SELECT value FROM health WHERE key = 'events_total'");
      expect(Number(total?.value ?? 0)).toBe(events.length);
    }),
    { numRuns: 25 },
  );
});

test("newest states survive a crash before they were saved", () => {
  const db = temporaryDatabase();
  execute(db, "insertEvents", { events: [event("light.a", NOW), event("light.b", NOW + 5)], nowMs: NOW });
  execute(db, "saveEntityStates", null);
  execute(db, "insertEvents", { events: [event("light.a", NOW + 60_000, "off")], nowMs: NOW });
  forgetEntityIndex(db); // what a new process starts from
  expect(newestStored(db, NOW + 3_600_000).get("light.a")).toBe((NOW + 60_000) * 1000);
  expect(newestStored(db, NOW + 3_600_000).get("light.b")).toBe((NOW + 5) * 1000);
});

test("an event that comes after its window was computed marks windows from its own on as stale", () => {
  const db = temporaryDatabase();
  execute(db, "activateFeatureSet", { features: [], hash: "h", excluded: [], nowMs: NOW });
  const last = Math.floor(NOW / 300_000);
  const rows = [last - 1, last].map((windowNo) => ({
    windowNo,
    setId: 1,
    valuesJson: "[]",
    coverageJson: null,
    coverage: 1,
    availableAtMs: 0,
  }));
  execute(db, "putFeatures", { rows, nowMs: NOW });
  const late = event("light.a", (last - 1) * 300_000 - 1000);
  expect(execute(db, "insertEvents", { events: [late], nowMs: NOW })).toEqual({ inserted: 1, late: 1 });
  expect(db.all("SELECT from_no, to_no FROM stale_windows")).toEqual([{ from_no: last - 1, to_no: last }]);
});

test("an anchor row is knowledge and not an event", () => {
  const db = temporaryDatabase();
  execute(db, "insertEvents", { events: [event("light.a", NOW, "on", "anchor"), event("light.a", NOW + 1, "off", "history")], nowMs: NOW });
  expect(stored(db, NOW, NOW + 10).map((row) => row.source)).toEqual(["anchor", "history"]);
  expect(db.all("SELECT source FROM vw_raw_events")).toEqual([{ source: "history" }]);
});

test("states of a label helper are kept apart, also those stored before it was chosen", () => {
  const db = temporaryDatabase();
  const start = "input_datetime.sleep_start";
  execute(db, "insertEvents", { events: [event(start, NOW, "2026-11-20 23:00:00")], nowMs: NOW });
  execute(db, "putTargets", { targets: [{ name: "sleep", startEntity: start, endEntity: "input_datetime.sleep_end" }], nowMs: NOW });
  execute(db, "insertEvents", { events: [event(start, NOW + 1000, "2026-11-20 23:30:00")], nowMs: NOW, saidBy: { 0: "user" } });
  expect(readHelperChanges(db, [start]).map((change) => [change.state, change.saidBy])).toEqual([
    ["2026-11-20 23:00:00", null],
    ["2026-11-20 23:30:00", "user"],
  ]);
});

test("who set a label helper is kept, although the recorder's history, which does not tell it, was stored first", () => {
  const db = temporaryDatabase();
  const start = "input_datetime.sleep_start";
  execute(db, "putTargets", { targets: [{ name: "sleep", startEntity: start, endEntity: "input_datetime.sleep_end" }], nowMs: NOW });
  const states = ["2026-11-20 23:00:00", "2026-11-20 23:30:00"];
  const both = (source: StateEvent["source"]): StateEvent[] => states.map((state, n) => event(start, NOW + n, state, source));
  execute(db, "insertEvents", { events: both("history"), nowMs: NOW });
  execute(db, "insertEvents", { events: both("live"), nowMs: NOW, saidBy: { 1: "user" } });
  execute(db, "insertEvents", { events: both("live"), nowMs: NOW, saidBy: { 1: "somebody later" } });
  expect(readHelperChanges(db, [start]).map((change) => [change.state, change.saidBy])).toEqual([
    [states[0], null],
    [states[1], "user"],
  ]);
});

test("a batch that fails in the middle stores nothing, and the next one starts from the truth", () => {
  const db = temporaryDatabase();
  const broken = { ...event("light.a", NOW + 1), state: null as unknown as string };
  expect(execute(db, "insertEvents", { events: [event("light.new", NOW)], nowMs: NOW }).inserted).toBe(1);
  db.exec("CREATE TRIGGER refuse BEFORE INSERT ON raw_events WHEN NEW.state = 'refused' BEGIN SELECT RAISE(ABORT, 'refused'); END");
  expect(() => execute(db, "insertEvents", { events: [event("light.b", NOW), { ...broken, state: "refused" }], nowMs: NOW })).toThrow(
    "refused",
  );
  expect(db.all("SELECT entity_id FROM entities")).toEqual([{ entity_id: "light.new" }]);
  expect(execute(db, "insertEvents", { events: [event("light.b", NOW)], nowMs: NOW }).inserted).toBe(1);
});
