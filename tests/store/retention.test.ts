import fc from "fast-check";
import { expect, test } from "vitest";
import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { TRIM_START } from "../../src/store/tables/retention.ts";
import { readSizes } from "../../src/store/tables/sizes.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { type TrimmedRows, trimAll } from "../helpers/trim-all.ts";
import { event, GRID_MS, NOW } from "./kept-home.ts";

const DAY = 86_400_000;
const LIMITS = { rawDays: 90, featureDays: 400, labelledDays: 1095, gridMs: GRID_MS };
const noOf = (ageDays: number): number => NOW / GRID_MS - (ageDays * DAY) / GRID_MS;

/** A whole run of trimming. Returns what each slice deleted. */
function trimNow(db: Db, nowMs = NOW): TrimmedRows[] {
  execute(db, "saveEntityStates", null);
  return trimAll(db, { ...LIMITS, nowMs });
}

function putWindows(db: Db, ages: readonly number[], labelled: readonly number[]): void {
  execute(db, "activateFeatureSet", { features: [], hash: "h", excluded: [], nowMs: NOW });
  execute(db, "putTargets", { targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }], nowMs: NOW });
  const rows = ages.map((age) => ({ windowNo: noOf(age), setId: 1, valuesJson: "[]", coverageJson: null, coverage: 1, availableAtMs: 0 }));
  execute(db, "putFeatures", { rows, nowMs: NOW });
  for (const age of labelled) db.run("INSERT INTO pairs (target_id, window_no, label_id, target) VALUES (1, ?, 1, 1)", noOf(age));
  for (const age of ages) {
    db.run(
      `INSERT INTO predictions (target_id, window_no, threshold, stage, coverage, vector_json, predicted_at_ms) VALUES (1, ?, 0.5, 'clock', 1, '{}', 0)`,
      noOf(age),
    );
  }
}

test("exactly the events beyond the limit go, but never the newest of an entity, and a second run finds nothing", () => {
  const drawn = fc.array(fc.record({ entity: fc.integer({ min: 0, max: 5 }), ageHours: fc.integer({ min: 0, max: 200 * 24 }) }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(drawn, (rows) => {
      const db = temporaryDatabase();
      const events = [...new Map(rows.map((row) => [`${row.entity} ${row.ageHours}`, row])).values()];
      execute(db, "insertEvents", {
        events: events.map((row) => event(`light.l${row.entity}`, NOW - row.ageHours * 3_600_000)),
        nowMs: NOW,
      });
      trimNow(db);
      const newest = new Map<number, number>();
      for (const row of events) newest.set(row.entity, Math.min(newest.get(row.entity) ?? Number.POSITIVE_INFINITY, row.ageHours));
      const expected = events
        .filter((row) => row.ageHours <= 90 * 24 || newest.get(row.entity) === row.ageHours)
        .map((row) => `light.l${row.entity} ${row.ageHours}`);
      const left = db
        .all<{ name: string; us: number }>(
          "SELECT e.entity_id AS name, r.updated_us AS us FROM raw_events r JOIN entities e ON e.id = r.entity_id",
        )
        .map((row) => `${row.name} ${(NOW - row.us / 1000) / 3_600_000}`);
      expect(left.sort()).toEqual(expected.sort());
      expect(trimNow(db).reduce((sum, slice) => sum + slice.events, 0)).toBe(0);
      db.close();
    }),
    { numRuns: 25 },
  );
});

test("windows beyond their limit go with their predictions, labelled ones after three years only, the newest never", () => {
  const db = temporaryDatabase();
  putWindows(db, [1200, 1100, 1000, 900, 401, 399, 10], [1200, 1000, 401]);
  trimNow(db);
  const ages = (table: string): number[] =>
    db
      .all<{ no: number }>(`SELECT window_no AS no FROM ${table} ORDER BY window_no`)
      .map(({ no }) => ((NOW / GRID_MS - no) * GRID_MS) / DAY);
  expect(ages("features")).toEqual([1000, 401, 399, 10]);
  expect(ages("predictions")).toEqual([399, 10]);
  expect(db.get("SELECT value FROM health WHERE key = 'features_total'")).toEqual({ value: "4" });
  trimNow(db, NOW + 2000 * DAY);
  expect(ages("features")).toEqual([10]);
  expect(ages("predictions")).toEqual([10]);
});

test("a run is many short transactions, and one that is cut off goes on where it stopped", () => {
  const db = temporaryDatabase();
  for (let i = 0; i < 60; i += 1) {
    const events = Array.from({ length: 1000 }, (_, k) =>
      event(`light.l${k % 50}`, NOW - 100 * DAY + (i * 1000 + k) * 1000, "a state of some length"),
    );
    execute(db, "insertEvents", { events, nowMs: NOW });
  }
  execute(db, "saveEntityStates", null);
  const first = execute(db, "trim", { ...LIMITS, nowMs: NOW, from: TRIM_START, sliceMs: 0 });
  expect(first).toMatchObject({ events: 500, next: { eventUs: expect.any(Number) } });
  const rest = trimAll(db, { ...LIMITS, nowMs: NOW, sliceMs: 0 });
  expect(rest.length).toBeGreaterThan(100);
  expect(first.events + rest.reduce((sum, slice) => sum + slice.events, 0)).toBe(59_950);
});

test("many events of one microsecond do not stop a run", () => {
  const db = temporaryDatabase();
  const events = Array.from({ length: 3000 }, (_, k) => event(`light.l${k}`, NOW - 100 * DAY));
  execute(db, "insertEvents", { events, nowMs: NOW });
  execute(db, "insertEvents", { events: events.map((each) => ({ ...each, updatedUs: NOW * 1000 })), nowMs: NOW });
  expect(trimNow(db).reduce((sum, slice) => sum + slice.events, 0)).toBe(3000);
});

test("freed pages are given back slice by slice, but for those that the next days need", () => {
  const db = temporaryDatabase();
  for (let i = 0; i < 40; i += 1) {
    const events = Array.from({ length: 1000 }, (_, k) => event("light.a", NOW - 100 * DAY + i * 1000 + k, "x".repeat(100)));
    execute(db, "insertEvents", { events, nowMs: NOW });
  }
  const before = Number(db.pragma("page_count"));
  trimNow(db);
  expect(execute(db, "vacuumSlice", { pages: 64 }).pages).toBe(64);
  let slices = 0;
  for (let pages = 64; pages > 0; slices += 1) pages = execute(db, "vacuumSlice", { pages }).next;
  expect(slices).toBeGreaterThan(2);
  expect(Number(db.pragma("freelist_count"))).toBe(256);
  expect(Number(db.pragma("page_count"))).toBeLessThan(before / 2);
});

test("retention walks over the windows it keeps by the narrow index alone", () => {
  const db = temporaryDatabase();
  const plan = (sql: string): string =>
    db
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map((row) => row.detail)
      .join("; ");
  expect(
    plan("SELECT window_no FROM features INDEXED BY features_by_window WHERE window_no >= 1 AND window_no < 9 ORDER BY window_no"),
  ).toBe("SEARCH features USING COVERING INDEX features_by_window (window_no>? AND window_no<?)");
});

test("sizes tell what an event costs and what the file will have at the limits", () => {
  const db = temporaryDatabase();
  for (let day = 0; day < 10; day += 1) {
    const events = Array.from({ length: 1000 }, (_, k) => event("light.a", NOW - day * DAY - k * 80_000, String(k)));
    execute(db, "insertEvents", { events, nowMs: NOW });
  }
  const sizes = readSizes(db, { ...LIMITS, nowMs: NOW });
  expect(sizes["size_per_event"]).toBeGreaterThan(15);
  expect(sizes["size_per_event"]).toBeLessThan(60);
  expect(sizes["size_growth_per_day"]! / sizes["size_per_event"]!).toBeCloseTo(1000, -2);
  expect(sizes["size_forecast"]).toBeGreaterThan(80 * sizes["size_growth_per_day"]!);
});

test("predictions of all targets count in the growth and the forecast", () => {
  const db = temporaryDatabase();
  const ages = Array.from({ length: 288 }, (_, k) => k / 288);
  putWindows(db, ages, []);
  const before = readSizes(db, { ...LIMITS, nowMs: NOW });
  db.run("UPDATE predictions SET vector_json = ?", JSON.stringify(Array.from({ length: 100 }, (_, k) => k / 7)));
  const after = readSizes(db, { ...LIMITS, nowMs: NOW });
  const grown = db.get<{ n: number }>("SELECT sum(length(vector_json)) AS n FROM predictions")!.n;
  // A day of them: each byte more in a prediction is so much more a day, and 400 days of it are kept. Broken once: they were no growth.
  expect((after["size_growth_per_day"]! - before["size_growth_per_day"]!) / grown).toBeGreaterThan(0.9);
  expect((after["size_forecast"]! - before["size_forecast"]!) / (400 * grown)).toBeGreaterThan(0.9);
});
