import type { StateCount } from "../../core/features/frequent.ts";
import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { addHealth, getMetadata, setMetadata } from "./metadata.ts";

export interface FeatureMember {
  readonly featureId: number;
  readonly name: string;
  /** The definition's canonical JSON. */
  readonly definition: string;
}

export interface FeatureSet {
  readonly setId: number;
  readonly version: string;
  readonly members: readonly FeatureMember[];
}

export interface FeatureSetInput {
  readonly features: readonly { readonly name: string; readonly definition: string }[];
  /** Hash of the choice; with the set's number it makes the version. */
  readonly hash: string;
  readonly excluded: readonly { readonly entityId: string; readonly reason: string }[];
  readonly nowMs: number;
}

/** Makes the set of exactly these features the active one; the same choice again is the same set. Returns its id. */
export function activateFeatureSet(db: Db, input: FeatureSetInput): { setId: number; version: string; isNew: boolean } {
  const known = db.get<{ set_id: number; version: string }>(
    "SELECT set_id, version FROM feature_sets WHERE version LIKE ?",
    `%-${input.hash}`,
  );
  if (known !== undefined) {
    db.run("UPDATE feature_sets SET excluded_json = ? WHERE set_id = ?", JSON.stringify(input.excluded), known.set_id);
    setMetadata(db, { active_set_id: String(known.set_id), feature_set_version: known.version });
    return { setId: known.set_id, version: known.version, isNew: false };
  }
  const setId = (db.get<{ newest: number | null }>("SELECT MAX(set_id) AS newest FROM feature_sets")?.newest ?? 0) + 1;
  const version = `${setId}-${input.hash}`;
  db.run(
    "INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (?, ?, ?, ?)",
    setId,
    version,
    input.nowMs,
    JSON.stringify(input.excluded),
  );
  input.features.forEach((feature, position) => {
    db.run(
      "INSERT OR IGNORE INTO feature_definitions (name, definition, created_at_ms) VALUES (?, ?, ?)",
      feature.name,
      feature.definition,
      input.nowMs,
    );
    db.run(
      "INSERT INTO feature_set_members (set_id, position, feature_id) SELECT ?, ?, feature_id FROM feature_definitions WHERE definition = ?",
      setId,
      position,
      feature.definition,
    );
  });
  setMetadata(db, { active_set_id: String(setId), feature_set_version: version });
  return { setId, version, isNew: true };
}

export function readFeatureSet(db: Db, setId: number): FeatureSet | null {
  const set = db.get<{ version: string }>("SELECT version FROM feature_sets WHERE set_id = ?", setId);
  if (set === undefined) return null;
  const members = db.all<FeatureMember>(
    `SELECT d.feature_id AS featureId, d.name, d.definition FROM feature_set_members m JOIN feature_definitions d ON d.feature_id = m.feature_id
     WHERE m.set_id = ? ORDER BY m.position`,
    setId,
  );
  return { setId, version: set.version, members };
}

/** Every definition ever stored. */
export function readDefinitions(db: Db): FeatureMember[] {
  return db.all("SELECT feature_id AS featureId, name, definition FROM feature_definitions ORDER BY feature_id");
}

export function activeFeatureSet(db: Db): FeatureSet | null {
  const setId = getMetadata(db, "active_set_id");
  return setId === null ? null : readFeatureSet(db, Number(setId));
}

export interface FeatureRow {
  readonly windowNo: number;
  readonly setId: number;
  readonly valuesJson: string;
  readonly coverageJson: string | null;
  /** Share of the features that have a value, the clock's left out. */
  readonly coverage: number;
  readonly availableAtMs: number;
}

/** Stores computed windows; a window computed again replaces the old row. */
export function putFeatures(db: Db, input: { readonly rows: readonly FeatureRow[]; readonly nowMs: number }): number {
  const has = db.prepare("SELECT 1 FROM features WHERE window_no = ?");
  const put = db.prepare(
    "INSERT OR REPLACE INTO features (window_no, set_id, values_json, coverage_json, coverage, available_at_ms, computed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  let added = 0;
  for (const row of input.rows) {
    if (has.get(row.windowNo) === undefined) added += 1;
    put.run(row.windowNo, row.setId, row.valuesJson, row.coverageJson, row.coverage, row.availableAtMs, input.nowMs);
  }
  addHealth(db, "features_total", added);
  const newest = input.rows.at(-1);
  if (newest !== undefined) setMetadata(db, { last_feature_compute_at: isoMs(input.nowMs) });
  return input.rows.length;
}

/**
 * Takes back the newest windows after one, at most so many, with what was said of them, as if their time had never come. Returns how many
 * there were: 0 when it is done.
 */
export function dropWindowsAfter(db: Db, { windowNo, atMost }: { readonly windowNo: number; readonly atMost: number }): number {
  const rows = db.all<{ no: number }>(
    "SELECT window_no AS no FROM features WHERE window_no > ? ORDER BY window_no DESC LIMIT ?",
    windowNo,
    atMost,
  );
  const oldest = rows.at(-1)?.no;
  if (oldest !== undefined) {
    for (const target of db.all<{ id: number }>("SELECT target_id AS id FROM targets")) {
      db.run("DELETE FROM pairs WHERE target_id = ? AND window_no >= ?", target.id, oldest);
      db.run("DELETE FROM predictions WHERE target_id = ? AND window_no >= ?", target.id, oldest);
    }
    db.run("DELETE FROM features WHERE window_no >= ?", oldest);
    addHealth(db, "features_total", -rows.length);
  }
  // A stream that has been through them is derived again from what is left.
  const lastMs = windowNo * Number(getMetadata(db, "grid_ms") ?? 300_000);
  db.run("UPDATE bocpd_model_state SET state = x'' WHERE cursor_ms > ?", lastMs);
  if (Number(getMetadata(db, "features_read_to") ?? -1) > windowNo) setMetadata(db, { features_read_to: String(windowNo) });
  return rows.length;
}

/** Rows of windows fromNo..toNo (inclusive), or of those whose number `every` divides, time order. */
export function readFeatureRows(db: Db, fromNo: number, toNo: number, every = 1): FeatureRow[] {
  return db.all(
    `SELECT window_no AS windowNo, set_id AS setId, values_json AS valuesJson, coverage_json AS coverageJson, coverage, available_at_ms AS availableAtMs
     FROM features WHERE window_no BETWEEN ? AND ? AND window_no % ? = 0 ORDER BY window_no`,
    fromNo,
    toNo,
    every,
  );
}

/** Every so manieth window of fromNo..toNo, time order. */
export function readEveryFeatureRow(
  db: Db,
  { fromNo, toNo, every }: { readonly fromNo: number; readonly toNo: number; readonly every: number },
): Pick<FeatureRow, "windowNo" | "setId" | "valuesJson">[] {
  return db.all(
    `SELECT window_no AS windowNo, set_id AS setId, values_json AS valuesJson FROM features
     WHERE window_no BETWEEN ? AND ? AND window_no % ? = 0 ORDER BY window_no`,
    fromNo,
    toNo,
    every,
  );
}

/** What pairing needs of windows fromNo..toNo (inclusive), as columns in time order. */
export function readWindowColumns(
  db: Db,
  fromNo: number,
  toNo: number,
): { windowNo: Float64Array; availableAtMs: Float64Array; coverage: Float64Array } {
  const rows = db
    .prepare("SELECT window_no, available_at_ms, coverage FROM features WHERE window_no BETWEEN ? AND ? ORDER BY window_no")
    .raw(true)
    .all(fromNo, toNo) as [number, number, number][];
  return {
    windowNo: Float64Array.from(rows, (row) => row[0]),
    availableAtMs: Float64Array.from(rows, (row) => row[1]),
    coverage: Float64Array.from(rows, (row) => row[2]),
  };
}

export function featureRange(db: Db): { firstNo: number; lastNo: number } | null {
  const range = db.get<{ firstNo: number | null; lastNo: number | null }>(
    // Two questions: asked for both ends at once, SQLite would read the whole table.
    "SELECT (SELECT MIN(window_no) FROM features) AS firstNo, (SELECT MAX(window_no) FROM features) AS lastNo",
  );
  return range?.firstNo == null || range.lastNo == null ? null : { firstNo: range.firstNo, lastNo: range.lastNo };
}

export interface FrequentStates {
  /** Row id of a categorical entity. */
  readonly entity: number;
  readonly states: readonly string[];
  /** How many events it had then. */
  readonly atCount: number;
}

export function readFrequentStates(db: Db): FrequentStates[] {
  return db
    .all<{ entity: number; states: string; atCount: number }>(
      "SELECT id AS entity, states_json AS states, states_at_count AS atCount FROM entities WHERE states_json IS NOT NULL ORDER BY id",
    )
    .map((row) => ({ ...row, states: JSON.parse(row.states) as string[] }));
}

export function noteFrequentStates(db: Db, input: { readonly found: readonly FrequentStates[] }): number {
  for (const { entity, states, atCount } of input.found) {
    db.run("UPDATE entities SET states_json = ?, states_at_count = ? WHERE id = ?", JSON.stringify(states), atCount, entity);
  }
  return input.found.length;
}

export interface EntityStateCount extends StateCount {
  readonly entity: number;
}

/** How many rows of raw_events of a span say each state of the given entities. */
export function countStates(db: Db, entities: readonly number[], fromMs: number, toMs: number): EntityStateCount[] {
  return db.all(
    `SELECT entity_id AS entity, state, COUNT(*) AS rows FROM raw_events
     WHERE updated_us >= ? AND updated_us < ? AND entity_id IN (SELECT value FROM json_each(?)) GROUP BY entity_id, state`,
    Math.floor(fromMs * 1000),
    Math.floor(toMs * 1000),
    JSON.stringify(entities),
  );
}
