import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { artifactDocument, degradedDocument, readinessDocument } from "../../src/core/contracts/documents.ts";
import { type ContractDatabase, createContractDatabase, type Row } from "./contract-database.ts";
import { APP_PATH, readmeBlock } from "./readme.ts";
import { sqliteCommandLabel, sqliteCommandVersion } from "./sqlite-command.ts";

// A model as a trainer makes it: weights on standardised columns, then Platt's slope and intercept on the score.
const FEATURES = [
  { name: "binary_sensor.bed:on_fraction:30m", value: 0.8333333, mean: 0.31, deviation: 0.42, weight: 1.7 },
  { name: "home:minutes_since_motion", value: 3.7612, mean: 2.2, deviation: 1.35, weight: 0.6 },
  { name: "sensor.power", value: 41.5, mean: 180.25, deviation: 95.5, weight: -0.45 },
  { name: "clock:hour_sin", value: -0.258819, mean: 0.01, deviation: 0.7, weight: 0.3 },
  // A window that nobody opened for weeks: nothing is known, and the model takes what is usual.
  { name: "binary_sensor.window:minutes_since_change", value: null, mean: 6.2, deviation: 1.1, weight: 0.5 },
] as const;
const usedOf = (each: (typeof FEATURES)[number]): number => each.value ?? each.mean;
const SCORE_INTERCEPT = -0.8;
const PLATT = { slope: 0.93, intercept: -0.11 };

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
const score = FEATURES.reduce((sum, each) => sum + (each.weight * (usedOf(each) - each.mean)) / each.deviation, SCORE_INTERCEPT);
const PREDICTED = sigmoid(PLATT.slope * score + PLATT.intercept);

const coefficients = FEATURES.map((each) => (PLATT.slope * each.weight) / each.deviation);
const intercept =
  PLATT.intercept + PLATT.slope * FEATURES.reduce((sum, each) => sum - (each.weight * each.mean) / each.deviation, SCORE_INTERCEPT);
const ARTIFACT = {
  model: { coefficients, intercept },
  feature_names: FEATURES.map((each) => each.name),
  imputation: Object.fromEntries(FEATURES.map((each) => [each.name, each.mean])),
  target: "sleep",
};

const SEED = `
INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('active_set_id', '1'), ('contract_version', '1');
INSERT INTO metadata (key, value) SELECT 'heartbeat_at', strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
INSERT INTO health (key, value) VALUES ('connection', 'connected');
INSERT INTO targets (target_id, name, position, created_at_ms) VALUES (1, 'sleep', 0, 0);
INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-aaaa', 0, '[]');
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES (99, 'sensor.not_in_the_model', '{}', 0);
INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, ${FEATURES.length}, 99);
${FEATURES.map(
  (each, index) => `
INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES (${index + 1}, '${each.name}', '{"n":${index}}', 0);
INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, ${FEATURES.length - 1 - index}, ${index + 1});`,
).join("")}
INSERT INTO features (window_no, set_id, values_json, available_at_ms, computed_at_ms)
SELECT CAST(strftime('%s', 'now') AS INTEGER) / 300, 1, '${JSON.stringify([...FEATURES.map((each) => each.value).reverse(), null])}', 0, 0;
INSERT INTO clr_training_runs (id, target_id, status, started_at_ms) VALUES (1, 1, 'completed', 0);
INSERT INTO clr_model_artifacts (id, run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms)
VALUES (1, 1, 1, 1, 'eligible', 1, 'clr-ridge', '${JSON.stringify(ARTIFACT)}', 'c', 1772323200000);
INSERT INTO champions (target_id, artifact_id, promoted_at_ms, reason) VALUES (1, 1, 0, 'first');
INSERT INTO predictions (target_id, window_no, probability, is_on, threshold, stage, artifact_id, coverage, vector_json, predicted_at_ms)
SELECT 1, window_no, ${PREDICTED}, 1, 0.5, 'eligible', 1, 1.0, values_json, 0 FROM features;
`;

let database: ContractDatabase;
beforeAll(() => {
  database = createContractDatabase(SEED);
});
afterAll(() => database.remove());

const here = (text: string): string => text.replaceAll(APP_PATH, database.path);
const isInstalled = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;

describe("a consumer that knows only the views", () => {
  test("computes the stored probability from the artifact and the raw snapshot", () => {
    const [stored] = database.read("SELECT probability, unavailable_reason FROM vw_clr_latest_prediction");
    const [latest] = database.read("SELECT artifact_json FROM vw_clr_latest_model_artifact LIMIT 1");
    const artifact = artifactDocument.parse(JSON.parse(String(latest!["artifact_json"])));
    const snapshot = new Map(
      database
        .read("SELECT feature_name, feature_value FROM vw_latest_feature_snapshot")
        .map((row) => [row["feature_name"], row["feature_value"]]),
    );
    const logit = artifact.feature_names.reduce(
      (sum, name, index) => sum + artifact.model.coefficients[index]! * z.number().parse(snapshot.get(name) ?? artifact.imputation[name]),
      artifact.model.intercept,
    );
    expect(stored).toMatchObject({ unavailable_reason: null });
    expect(sigmoid(logit)).toBeCloseTo(z.number().parse(stored!["probability"]), 12);
  });

  test.skipIf(!isInstalled("python3"))("does so with the README's plain Python (needs the python3 command)", () => {
    const run = spawnSync("python3", ["-c", here(readmeBlock("python"))], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(Number(run.stdout)).toBeCloseTo(PREDICTED, 12);
  });

  test.skipIf(sqliteCommandVersion === null || !isInstalled("python3"))(
    `can run the README's commands (${sqliteCommandLabel}, python3)`,
    () => {
      for (const line of here(readmeBlock("sh")).trim().split("\n")) {
        const run = spawnSync("sh", ["-c", line], { encoding: "utf8" });
        expect(run.stderr, line).toBe("");
        expect(run.stdout, line).not.toBe("");
      }
    },
  );

  test("has changes and gaps as Grafana's annotations: instants in seconds, one line each", () => {
    const annotated = createContractDatabase(
      `INSERT INTO change_points (stream_name, change_at_ms, start_low_ms, start_high_ms, probability, detected_at_ms, withdrawn_at_ms, words)
         VALUES ('area.hall', 1000, 0, 2000, 0.9, 1790000000000, NULL, 'Since then'), ('area.bath', 1000, 0, 2000, 0.9, 1790000100000, 5, 'Taken back');
       INSERT INTO gaps (from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (1780000000000, 1780000060000, 'not running', 'filled', 0);`,
    );
    expect(annotated.read(readmeBlock("sql"))).toEqual([
      { time: 1_780_000_000, timeEnd: 1_780_000_060, text: "nothing was heard: not running", tags: "gap" },
      { time: 1_790_000_000, timeEnd: null, text: "Since then", tags: "area.hall" },
    ]);
    annotated.remove();
  });

  test("finds the JSON texts of vw_health as they were promised", () => {
    const [health] = database.read("SELECT degraded_reasons, readiness FROM vw_health");
    expect(degradedDocument.parse(JSON.parse(String(health!["degraded_reasons"])))).toEqual([]);
    expect(readinessDocument.parse(JSON.parse(String(health!["readiness"])))).toEqual({});
  });
});

describe("Home Assistant's sql integration", () => {
  const sensors = z
    .object({
      sql: z.array(z.object({ name: z.string(), unique_id: z.string(), db_url: z.string(), query: z.string(), column: z.string() })),
    })
    .parse(parse(readmeBlock("yaml"))).sql;

  test.each(sensors)("$name: the query is one SELECT that gives its column in the first row", ({ query, column, db_url }) => {
    expect(db_url).toBe(`sqlite:///file:${APP_PATH}?mode=ro&uri=true`);
    expect(query).toMatch(/^SELECT /);
    expect(query).not.toContain(";");
    expect(query).toMatch(/ LIMIT 1$/);
    const rows = database.read(query); // better-sqlite3 refuses a text of several statements
    expect(rows).toHaveLength(1);
    expect(Object.keys(rows[0]!)).toContain(column);
  });

  test.each(sensors)("$name: the state fits 255 characters and the attributes 16 KiB", ({ query, column }) => {
    const [row] = database.read(query) as [Row];
    expect(row[column]).not.toBeNull();
    expect(String(row[column]).length).toBeLessThanOrEqual(255);
    expect(JSON.stringify(row).length).toBeLessThanOrEqual(16_384);
  });

  test("sensors differ in name and unique_id", () => {
    expect(new Set(sensors.map((sensor) => sensor.unique_id)).size).toBe(sensors.length);
    expect(new Set(sensors.map((sensor) => sensor.name)).size).toBe(sensors.length);
  });
});
