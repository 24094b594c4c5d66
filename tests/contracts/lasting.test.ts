import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CONTRACT_NAMES } from "../../src/core/contracts/contract.ts";
import { CONTRACT_ROWS } from "../../src/core/contracts/rows.ts";
import { openForWriting } from "../../src/store/db.ts";
import { activateFeatureSet } from "../../src/store/tables/features.ts";
import { trimAll } from "../helpers/trim-all.ts";
import { type ContractDatabase, type Row, readAllViews, withDatabase } from "./contract-database.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const CASES = CONTRACT_NAMES.flatMap((view) =>
  readdirSync(`${FOLDER}/${view}`).map((name) => ({
    name: `${view}/${name}`,
    seed: readFileSync(`${FOLDER}/${view}/${name}/seed.sql`, "utf8"),
  })),
);
const GRID_MS = 300_000;

/** The whole of retention with limits of zero days: only what must never go is left. */
function trimEverything(path: string): void {
  const db = openForWriting(path);
  const newest = db.get<{ no: number | null }>("SELECT max(window_no) AS no FROM features")?.no ?? 0;
  db.exec("INSERT INTO health SELECT 'features_total', count(*) FROM features WHERE true ON CONFLICT DO NOTHING"); // kept by the writers
  const limits = { rawDays: 0, featureDays: 0, labelledDays: 1095, gridMs: GRID_MS, nowMs: newest * GRID_MS };
  trimAll(db, limits);
  db.close();
}

/** The stored features and one more become the active set. */
function bumpFeatureSet(path: string): void {
  const db = openForWriting(path);
  const known = db.all<{ name: string; definition: string }>("SELECT name, definition FROM feature_definitions ORDER BY feature_id");
  const features = [{ name: "home:minutes_since_motion", definition: '{"new":true}' }, ...known];
  activateFeatureSet(db, { features, hash: "ffff", excluded: [], nowMs: 0 });
  db.close();
}

function rowsBeforeAndAfter(seed: string, change: (path: string) => void): { before: Map<string, Row[]>; after: Map<string, Row[]> } {
  return withDatabase(seed, (database: ContractDatabase) => {
    const before = readAllViews(database);
    change(database.path);
    return { before, after: readAllViews(database) };
  });
}

function expectPromisedTypes(rows: Map<string, Row[]>): void {
  for (const view of CONTRACT_NAMES) for (const row of rows.get(view)!) expect(CONTRACT_ROWS[view].parse(row)).toEqual(row);
}

const without = (rows: readonly Row[], ...columns: string[]) =>
  rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !columns.includes(column))));

describe.each(CASES)("$name", ({ seed }) => {
  test("retention touches no view but the streams of events and features", () => {
    const { before, after } = rowsBeforeAndAfter(seed, trimEverything);
    expectPromisedTypes(after);
    for (const view of CONTRACT_NAMES) {
      if (view === "vw_health") {
        const trimmed = ["features_total", "last_retention_at_utc"];
        expect(without(after.get(view)!, ...trimmed)).toEqual(without(before.get(view)!, ...trimmed));
      } else if (view === "vw_raw_events" || view === "vw_bocpd_feature_stream") {
        expect(before.get(view)).toEqual(expect.arrayContaining(after.get(view)!));
      } else {
        expect(after.get(view), view).toEqual(before.get(view));
      }
    }
  });

  test("a new feature set adds its feature to the snapshot as NULL and changes nothing that was stored", () => {
    const { before, after } = rowsBeforeAndAfter(seed, bumpFeatureSet);
    expectPromisedTypes(after);
    for (const view of CONTRACT_NAMES) {
      if (view === "vw_health") {
        expect(without(after.get(view)!, "feature_set_version")).toEqual(without(before.get(view)!, "feature_set_version"));
        expect(after.get(view)![0]).toMatchObject({ feature_set_version: expect.stringMatching(/-ffff$/) });
      } else if (view !== "vw_latest_feature_snapshot") {
        expect(after.get(view), view).toEqual(before.get(view));
      }
    }
    const snapshot = after.get("vw_latest_feature_snapshot")!;
    expect(snapshot[0]).toMatchObject({ feature_name: "home:minutes_since_motion", feature_value: null, coverage: null });
    const values = new Map(snapshot.map((row) => [row["feature_name"], row]));
    for (const row of before.get("vw_latest_feature_snapshot")!) {
      expect(without([values.get(row["feature_name"])!], "feature_set_version")).toEqual(without([row], "feature_set_version"));
    }
  });
});
