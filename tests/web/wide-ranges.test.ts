import { afterAll, beforeAll, expect, test } from "vitest";
import { READS } from "../../src/store/reads.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { createHomeFile, GRID_MS, type HomeFile, LAST_WINDOW, seedHome } from "./home-file.ts";

const NAME = "home:activity:60m";
const [FROM_MS, TO_MS] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];
let home: HomeFile;

beforeAll(() => {
  home = createHomeFile();
  const { db } = home;
  seedHome(db);
  const definition = JSON.stringify({ kind: "activity_count", name: NAME, horizonMs: 3_600_000 });
  db.run("INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, 'v1', 0, '[]')");
  db.run("INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES (1, ?, ?, 0)", NAME, definition);
  db.run("INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, 0, 1)");
  setMetadata(db, { active_set_id: "1" });
  // The first is of a clock that began in 1970.
  for (const no of [1, ...Array.from({ length: 288 }, (_, k) => LAST_WINDOW - k)]) {
    const endMs = no * GRID_MS;
    db.run(
      "INSERT INTO features (window_no, set_id, values_json, coverage_json, coverage, available_at_ms, computed_at_ms) VALUES (?, 1, '[1]', NULL, 1, ?, ?)",
      no,
      endMs,
      endMs,
    );
  }
});
afterAll(() => home.remove());

const range = { fromMs: FROM_MS, toMs: TO_MS };
const paging = { limit: 1000, offset: 0 };
const columns = 2000;
const some = { entities: ["light.hall"], areas: [] };

test.each([
  ["activity", { ...range, columns }],
  ["featureSeries", { ...range, columns, names: [NAME] }],
  ["curve", { ...range, columns, targetId: 1 }],
  ["timeline", { ...range, nowMs: TO_MS, columns: 4000, ...some }],
  ["pageOfEvents", { fromUs: FROM_MS * 1000, toUs: TO_MS * 1000, ...some, ...paging }],
  ["pageOfPredictions", { ...range, ...paging, targetId: 1 }],
  ["pageOfLabels", { ...range, ...paging }],
  ["pageOfLabelHistory", { ...range, ...paging }],
  ["pageOfChanges", { ...range, ...paging }],
  ["pageOfChanges", { ...range, ...paging, rangeOf: "change" }],
  ["pageOfGaps", { ...range, ...paging }],
  ["pageOfReceipts", { ...range, ...paging }],
  ["overview", { sinceMs: FROM_MS, nowMs: TO_MS, timeZone: "UTC" }],
] as const)("a range of all years costs %s what is stored, not what is asked", (name, input) => {
  const beganAt = performance.now();
  READS[name](home.db, input as never);
  // Broken once: activity looked for a window in each hour of ten thousand years.
  expect(performance.now() - beganAt).toBeLessThan(1000);
});
