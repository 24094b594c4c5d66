import fc from "fast-check";
import { expect, test } from "vitest";
import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { pageOfModels } from "../../src/store/pages/models.ts";
import { pageOfPredictions } from "../../src/store/pages/predictions.ts";
import { readModel, readModels, readModelTexts, servedBefore } from "../../src/store/tables/model-list.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { NOW } from "./kept-home.ts";

const DAY = 86_400_000;
const REPORT = { log_loss: 0.25, skill_vs_clock: 0.5, recipe: "pool", per_day: [{ day: 1 }], selection: { folds: [1, 2] } };

interface Trained {
  readonly ageDays: number;
  readonly promoted: boolean;
}

/** A target that was trained when the list says so, oldest first: model k + 1 is that of the k-th training. */
function trainedHome(trainings: readonly Trained[]): Db {
  const db = temporaryDatabase(NOW);
  execute(db, "activateFeatureSet", { features: [], hash: "h", excluded: [], nowMs: NOW });
  execute(db, "putTargets", { targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }], nowMs: NOW });
  for (const { ageDays, promoted } of trainings) {
    const atMs = NOW - ageDays * DAY;
    const runId = execute(db, "startTrainingRun", { targetId: 1, startedAtMs: atMs });
    const shape = { rowCount: 1, dayCount: 1, notes: "", modelType: "clr", setId: 1, exclusions: {}, report: REPORT, finishedAtMs: atMs };
    const artifact = { targetId: 1, stage: "eligible", artifactJson: '{"big":1}', checksum: "c", promoted, reason: "r" };
    execute(db, "finishTrainingRun", { runId, status: "completed", stage: "eligible", ...shape, artifact });
  }
  return db;
}

/** A whole run of trimming, slice by slice. Returns how many rows it changed. */
function trimAll(db: Db, nowMs = NOW, sliceMs?: number): number {
  let trimmed = 0;
  for (let isDone = false; !isDone; ) {
    const slice = execute(db, "trimModels", { nowMs, ...(sliceMs !== undefined && { sliceMs }) });
    trimmed += slice.trimmed;
    isDone = slice.isDone;
  }
  return trimmed;
}

const drawn = fc
  .tuple(
    fc.array(fc.record({ ageDays: fc.integer({ min: 0, max: 900 }), promoted: fc.boolean() }), {
      minLength: 1,
      maxLength: 120,
      size: "max",
    }),
    // Since then no new model is good enough.
    fc.constantFrom(0, 0, 100, 500),
  )
  .map(([rows, refusedDays]) => rows.map(({ ageDays, promoted }) => ({ ageDays, promoted: promoted && ageDays >= refusedDays })))
  .map((rows) => rows.toSorted((a, b) => b.ageDays - a.ageDays))
  // The first model always serves.
  .map(([first, ...rest]) => [{ ...first!, promoted: true }, ...rest]);

/** By the rule as it is told to the user, from the list alone. */
function keptByRule(trainings: readonly Trained[]): number[] {
  const versions = [...trainings.keys()].map((k) => k + 1);
  const served = versions.filter((version) => trainings[version - 1]!.promoted);
  const gaveWayAfter = (version: number): number => {
    const next = served[served.indexOf(version) + 1];
    return next === undefined ? 0 : trainings[next - 1]!.ageDays;
  };
  const kept = new Set([...versions.slice(-30), ...served.slice(-2), ...served.filter((version) => gaveWayAfter(version) <= 60)]);
  return versions.filter((version) => kept.has(version));
}

test("exactly the newest 30, those that served within 60 days, the one that serves and the one before it are kept", () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(undefined, 0), (trainings, sliceMs) => {
      const db = trainedHome(trainings);
      const before = db.all("SELECT * FROM vw_clr_latest_training_result");
      const [serving, rollback] = [readModel(db, 1, "serving"), servedBefore(db, 1)];
      trimAll(db, NOW, sliceMs);
      const left = readModels(db, 1);
      expect(left.map(({ modelVersion }) => modelVersion).reverse()).toEqual(keptByRule(trainings));
      for (const { artifactId } of left) {
        const { artifactJson, reportJson } = readModelTexts(db, artifactId);
        expect([JSON.parse(artifactJson), JSON.parse(reportJson)]).toEqual([{ big: 1 }, REPORT]);
      }
      expect([readModel(db, 1, "serving")?.artifactId, servedBefore(db, 1)]).toEqual([serving?.artifactId, rollback]);
      expect(db.all("SELECT * FROM vw_clr_latest_training_result")).toEqual(before);
      expect(trimAll(db)).toBe(0);
      db.close();
    }),
    { numRuns: 40 },
  );
});

test("after a year in which every new model was refused a rollback still has where to go", () => {
  const refused = Array.from({ length: 40 }, (_, k) => ({ ageDays: 400 - 10 * k, promoted: false }));
  const db = trainedHome([{ ageDays: 600, promoted: true }, { ageDays: 500, promoted: true }, ...refused]);
  trimAll(db);
  // Broken once: without its line for the model before, there was nothing to go back to.
  expect([readModel(db, 1, "serving")?.modelVersion, readModel(db, 1, { artifactId: servedBefore(db, 1) ?? -1 })?.modelVersion]).toEqual([
    2, 1,
  ]);
});

test("what a model said goes on naming it, its report keeps the head figures, and pages show what is kept", () => {
  const db = trainedHome(Array.from({ length: 200 }, (_, k) => ({ ageDays: 199 - k, promoted: true })));
  db.run(
    `INSERT INTO predictions (target_id, window_no, probability, threshold, stage, artifact_id, coverage, vector_json, predicted_at_ms)
     VALUES (1, 7, 0.5, 0.5, 'eligible', 1, 1, '[]', 0)`,
  );
  trimAll(db);
  expect(pageOfPredictions(db, { targetId: 1, limit: 1, offset: 0 }).items[0]?.modelVersion).toBe(1);
  const old = db.get<{ report: string; text: string }>(
    "SELECT r.report_json AS report, a.artifact_json AS text FROM clr_training_runs r JOIN clr_model_artifacts a ON a.run_id = r.id WHERE a.id = 1",
  )!;
  expect(JSON.parse(old.report)).toEqual({ log_loss: 0.25, skill_vs_clock: 0.5, recipe: "pool" });
  expect(old.text).toBe("");
  const page = pageOfModels(db, { targetId: 1, limit: 3, offset: 2 });
  expect([page.total, page.items.map(({ modelVersion }) => modelVersion)]).toEqual([62, [198, 197, 196]]);
  expect(readModel(db, 1, { version: 1 })).toBeNull();
});

test("a model is deleted once and for good, and one that serves by nobody", () => {
  const db = trainedHome(Array.from({ length: 40 }, (_, k) => ({ ageDays: 400 - k, promoted: k === 0 })));
  const wish = "UPDATE clr_model_artifacts SET artifact_json = ?, trimmed_at_ms = 1 WHERE model_version = ?";
  // Broken once: without the trigger's word on champions the model that serves was emptied.
  expect(() => db.run(wish, "", 1)).toThrow("never deleted");
  expect(() => db.run(wish, "{}", 2)).toThrow("never overwritten");
  expect(() => db.run("UPDATE clr_model_artifacts SET artifact_json = '' WHERE model_version = 2")).toThrow("never overwritten");
  expect(db.run(wish, "", 2)).toBe(1);
  expect(() => db.run("UPDATE clr_model_artifacts SET artifact_json = '{\"big\":1}' WHERE model_version = 2")).toThrow("never overwritten");
});

test("trainings without a model and looks for changes go after their time, the newest never", () => {
  const db = trainedHome([{ ageDays: 1000, promoted: true }]);
  for (const ageDays of [900, 500, 399, 100, 30, 1]) {
    const startedAtMs = NOW - ageDays * DAY;
    const runId = execute(db, "startTrainingRun", { targetId: 1, startedAtMs });
    const nothing = { stage: null, rowCount: 0, dayCount: 0, modelType: null, setId: null, exclusions: {}, artifact: null };
    execute(db, "finishTrainingRun", { runId, status: "refused", notes: "n", ...nothing, report: REPORT, finishedAtMs: startedAtMs });
    const changeRunId = execute(db, "startChangeRun", { startedAtMs });
    const run = { status: "completed", stepCount: 0, notes: "", streams: [], reports: [] } as const;
    execute(db, "finishChangeRun", { runId: changeRunId, ...run, finishedAtMs: startedAtMs });
  }
  db.run(
    `INSERT INTO bocpd_model_state (stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, updated_at_ms)
     SELECT 's', 'f', 'counts', min(id), 0, 0.1, x'', '{}', 0 FROM bocpd_training_runs`,
  );
  trimAll(db);
  const ages = (table: string): number[] =>
    db.all<{ ms: number }>(`SELECT started_at_ms AS ms FROM ${table} ORDER BY started_at_ms`).map(({ ms }) => Math.round((NOW - ms) / DAY));
  expect(ages("clr_training_runs")).toEqual([1000, 399, 100, 30, 1]);
  // A state came from the oldest look.
  expect(ages("bocpd_training_runs")).toEqual([900, 30, 1]);
  const whole = db.all<{ ms: number }>("SELECT started_at_ms AS ms FROM clr_training_runs WHERE report_json ->> '$.per_day' IS NOT NULL");
  expect(whole.map(({ ms }) => Math.round((NOW - ms) / DAY)).sort((a, b) => b - a)).toEqual([1000, 30, 1]);
  trimAll(db, NOW + 5000 * DAY);
  expect(ages("bocpd_training_runs")).toEqual([900, 1]);
  expect(ages("clr_training_runs")).toEqual([1000, 100, 30, 1]);
});

test("verdicts go with models that went, after 400 days; of models that are kept they stay", () => {
  const db = trainedHome(Array.from({ length: 1000 }, (_, k) => ({ ageDays: 999 - k, promoted: k % 2 === 0 || k === 999 })));
  trimAll(db);
  const oldest = db.get<{ ms: number; n: number }>("SELECT min(at_ms) AS ms, count(*) AS n FROM promotions")!;
  expect([Math.round((NOW - oldest.ms) / DAY), oldest.n]).toEqual([400, 401]);
  expect(readModels(db, 1).every(({ reason }) => reason === "r")).toBe(true);
});
