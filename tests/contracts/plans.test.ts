import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONTRACT_NAMES } from "../../src/core/contracts/contract.ts";
import { type ContractDatabase, createContractDatabase } from "./contract-database.ts";
import { sqliteCommandLabel, sqliteCommandVersion } from "./sqlite-command.ts";

// Small tables tempt the planner into scans, so the statistics of a large home are planted: plans must be right with and without them.
const LARGE_HOME = `
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('raw_events', 'raw_events', '10000000 2 1'), ('features', NULL, '105120'), ('pairs', 'pairs', '105120 105120 1'),
  ('predictions', 'predictions', '105120 105120 1'), ('feature_set_members', 'feature_set_members', '3000 300 1'),
  ('feature_definitions', 'sqlite_autoindex_feature_definitions_1', '400 1'), ('clr_training_runs', 'clr_training_runs_by_target', '730 365 1'),
  ('schedule_runs', 'sqlite_autoindex_schedule_runs_1', '120000 12000 1'), ('metadata', 'metadata', '25 1'), ('targets', 'sqlite_autoindex_targets_1', '2 1');`;

const LATEST = CONTRACT_NAMES.filter((view) => view.includes("latest") || view === "vw_health");
const GROWING =
  /^SCAN (raw_events|features|pairs|predictions|labels|change_points|clr_training_runs|clr_model_artifacts|schedule_runs|gaps|[farp])\b/;

type Planner = (database: ContractDatabase, sql: string) => string[];
const byCommand: Planner = (database, sql) =>
  spawnSync("sqlite3", ["-batch", "-init", "/dev/null", "-readonly", database.path, `EXPLAIN QUERY PLAN ${sql}`], { encoding: "utf8" })
    .stdout.split("\n")
    .map((line) => line.replace(/^[ |`-]+/, ""));
const planners: { readonly name: string; readonly plan: Planner; readonly isMissing: boolean }[] = [
  { name: "this app's SQLite", plan: (database, sql) => database.plan(sql), isMissing: false },
  { name: `the ${sqliteCommandLabel}`, plan: byCommand, isMissing: sqliteCommandVersion === null },
];

describe.each([
  { size: "a new home", statistics: "" },
  { size: "a large home", statistics: LARGE_HOME },
])("in $size", ({ statistics }) => {
  let database: ContractDatabase;
  beforeAll(() => {
    database = createContractDatabase();
    if (statistics !== "") database.write(statistics);
  });
  afterAll(() => database.remove());

  for (const { name, plan, isMissing } of planners) {
    test.skipIf(isMissing).each(LATEST)(`%s searches and never walks a table that grows (${name})`, (view) => {
      const steps = plan(database, `SELECT * FROM ${view}`);
      expect(steps.length).toBeGreaterThan(1);
      // The newest event is the first step of a backward walk that stops there.
      const walked = steps.filter((step) => GROWING.test(step) && !(view === "vw_health" && step === "SCAN raw_events"));
      expect(walked).toEqual([]);
    });

    test.skipIf(isMissing).each(["vw_latest_feature_snapshot", "vw_clr_training_dataset"])(
      `%s goes from each value to its member, not n x n (${name})`,
      (view) => {
        const steps = plan(database, `SELECT * FROM ${view}`);
        const value = steps.findIndex((step) => /^SCAN v VIRTUAL TABLE/.test(step));
        expect(value).toBeGreaterThan(0);
        expect(steps[value + 1]).toMatch(/^SEARCH m USING PRIMARY KEY \(set_id=\? AND position=\?\)/);
      },
    );

    test.skipIf(isMissing).each(["vw_raw_events", "vw_bocpd_feature_stream", "vw_schedule_runs"])(
      `%s gives its first rows without sorting the rest (${name})`,
      (view) => {
        expect(plan(database, `SELECT * FROM ${view} LIMIT 10`).join("\n")).not.toContain("USE TEMP B-TREE");
      },
    );
  }
});
