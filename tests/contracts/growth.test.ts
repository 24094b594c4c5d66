import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONTRACT_NAMES } from "../../src/core/contracts/contract.ts";
import { type ContractDatabase, createContractDatabase } from "./contract-database.ts";

// Large enough that one walk over any of the growing tables costs more than the bar; small enough to be made in a second.
const EVENTS = 300_000;
const WINDOWS = 200_000;
const FEATURES = 300;
const BAR_MS = 2;

const count = (name: string, to: number): string =>
  `WITH RECURSIVE ${name} (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM ${name} WHERE i < ${to})`;
const VALUES = JSON.stringify(
  Array.from({ length: FEATURES }, (_, index) => (index % 9 === 0 ? null : Number((index * 0.1234567).toPrecision(7)))),
);
const COVERAGE = JSON.stringify(Array.from({ length: FEATURES }, (_, index) => (index % 9 === 0 ? 20 : 100)));
const SEED = `
INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('active_set_id', '1'), ('heartbeat_at', '2026-03-01T00:00:00.000Z');
INSERT INTO entities (id, entity_id, domain, first_seen_ms) VALUES (1, 'light.a', 'light', 0);
INSERT INTO raw_events (updated_us, entity_id, state, source) ${count("n", EVENTS)} SELECT i * 1000000, 1, 'on', 1 FROM n;
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]'), (2, '2-bbbb', 0, '[]');
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) ${count("n", FEATURES + 1)} SELECT i, 'area.room_' || i || ':activity:60m', i, 0 FROM n;
INSERT INTO feature_set_members (set_id, position, feature_id) ${count("n", FEATURES)} SELECT 1, i - 1, i FROM n;
INSERT INTO feature_set_members (set_id, position, feature_id) ${count("n", FEATURES)} SELECT 2, i - 1, i + 1 FROM n;
INSERT INTO features (window_no, set_id, values_json, available_at_ms, computed_at_ms) ${count("n", WINDOWS)} SELECT i, 1, '[]', 0, 0 FROM n;
UPDATE features SET values_json = '${VALUES}', coverage_json = '${COVERAGE}' WHERE window_no = ${WINDOWS};
INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'sleep', 0, 0), (2, 'absence', 1, 0);
INSERT INTO clr_training_runs (target_id, status, started_at_ms, report_json) ${count("n", 2000)} SELECT 1 + i % 2, 'completed', i, '{"log_loss":0.5}' FROM n;
INSERT INTO clr_model_artifacts (run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms)
SELECT id, target_id, id, 'eligible', 1, 'clr-ridge', '${VALUES}', 'c', 0 FROM clr_training_runs;
INSERT INTO champions (target_id, artifact_id, promoted_at_ms, reason) SELECT target_id, max(id), 0, '' FROM clr_model_artifacts GROUP BY target_id;
INSERT INTO predictions (target_id, window_no, probability, threshold, stage, coverage, vector_json, predicted_at_ms)
SELECT target_id, window_no, 0.5, 0.5, 'eligible', 1.0, '[]', 0 FROM targets CROSS JOIN features WHERE window_no > ${WINDOWS / 2};
INSERT INTO bocpd_training_runs (id, status, started_at_ms) VALUES (1, 'completed', 0);
INSERT INTO bocpd_model_state (stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, updated_at_ms)
${count("n", 60)} SELECT 'stream ' || i, 'f', 'gaussian', 1, 0, 0.001, zeroblob(8000), '{}', 0 FROM n;
`;

let database: ContractDatabase;
let connection: Database.Database;
beforeAll(() => {
  database = createContractDatabase(SEED);
  connection = new Database(database.path);
});
afterAll(() => {
  connection.close();
  database.remove();
});

/** The fastest of 25 readings: what the view itself costs, whatever else the machine does. */
function costMs(view: string): number {
  const statement = connection.prepare(`SELECT * FROM ${view}`);
  let least = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 25; reading += 1) {
    const beganAt = performance.now();
    statement.all();
    least = Math.min(least, performance.now() - beganAt);
  }
  return least;
}

const latest = CONTRACT_NAMES.filter((view) => view.includes("latest") || view === "vw_health");

test.each(latest)(`%s answers in under ${BAR_MS} ms in a grown file`, (view) => {
  expect(costMs(view)).toBeLessThan(BAR_MS);
});

test(`the snapshot answers in under ${BAR_MS} ms while the newest window is of an older feature set`, () => {
  connection.exec("UPDATE metadata SET value = '2' WHERE key = 'active_set_id'");
  expect(connection.prepare("SELECT count(*) AS n, sum(feature_value IS NULL) AS unknown FROM vw_latest_feature_snapshot").get()).toEqual({
    n: 300,
    unknown: 34,
  });
  expect(costMs("vw_latest_feature_snapshot")).toBeLessThan(BAR_MS);
});
