import { join } from "node:path";
import type { StateEvent } from "../../src/core/events/event.ts";
import { type Db, openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { migrate } from "../../src/store/migrate.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";

export const NOW = Date.UTC(2026, 10, 21);
export const GRID_MS = 300_000;
const LAST = NOW / GRID_MS;

export const event = (entityId: string, atMs: number, state = "on"): StateEvent => ({
  entityId,
  state,
  updatedUs: atMs * 1000,
  knownAtMs: atMs + 20,
  source: "live",
});

/** A file with a bit of everything: events of three entities, 40 windows of which ten are labelled, a label, a model, a change point. */
export function keptHome(folder: string, { name = "home.db", events = 300 } = {}): Db {
  const db = openForWriting(join(folder, name));
  migrate(db, NOW);
  execute(db, "setMetadata", {
    grid_ms: String(GRID_MS),
    heartbeat_at: new Date(NOW).toISOString(),
    time_zone: "UTC",
    backfill_done_at: "2026-11-01T00:00:00.000Z",
  });
  execute(db, "putTargets", { targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }], nowMs: NOW });
  for (let from = 0; from < events; from += 1000) {
    const count = Math.min(1000, events - from);
    const batch = Array.from({ length: count }, (_, i) => event(`light.l${(from + i) % 3}`, NOW - (from + i) * 1000, String(from + i)));
    execute(db, "insertEvents", { events: batch, nowMs: NOW });
  }
  execute(db, "saveEntityStates", null);
  db.run("INSERT INTO entity_pasts (entity_id, from_ms, is_whole) SELECT id, ?, 1 FROM entities", NOW - 86_400_000);
  execute(db, "activateFeatureSet", { features: [{ name: "light.l0", definition: "{}" }], hash: "h", excluded: [], nowMs: NOW });
  const rows = Array.from({ length: 40 }, (_, i) => ({
    windowNo: LAST - 39 + i,
    setId: 1,
    valuesJson: `[${i}]`,
    coverageJson: null,
    coverage: 1,
    availableAtMs: NOW,
  }));
  execute(db, "putFeatures", { rows, nowMs: NOW });
  db.exec(`
    INSERT INTO labels (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status)
      VALUES (1, 1, ${NOW - 9_000_000}, ${NOW - 6_000_000}, '2026-11-20', 'UTC', 'positive', 'helper', ${NOW}, 'active');
    INSERT INTO clr_training_runs (id, target_id, status, started_at_ms) VALUES (1, 1, 'completed', ${NOW});
    INSERT INTO clr_model_artifacts (id, run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms)
      VALUES (1, 1, 1, 1, 'preview', 1, 'clr', '{}', 'c', ${NOW});
    INSERT INTO champions (target_id, artifact_id, promoted_at_ms, reason) VALUES (1, 1, ${NOW}, 'first');
    INSERT INTO change_points (stream_name, change_at_ms, start_low_ms, start_high_ms, probability, detected_at_ms)
      VALUES ('home', ${NOW}, ${NOW}, ${NOW}, 0.9, ${NOW});
  `);
  for (let i = 0; i < 10; i += 1) db.run("INSERT INTO pairs (target_id, window_no, label_id, target) VALUES (1, ?, 1, 1)", LAST - 30 + i);
  setMetadata(db, { data_began_at: "2026-11-01T00:00:00.000Z" });
  return db;
}

/** Rows of each table. */
export function counts(db: Db): Record<string, number> {
  const tables = db.all<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name",
  );
  return Object.fromEntries(tables.map(({ name }) => [name, db.get<{ n: number }>(`SELECT count(*) AS n FROM "${name}"`)!.n]));
}
