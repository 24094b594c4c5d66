import { type Db, openForWriting } from "../src/store/db.ts";
import { migrate } from "../src/store/migrate.ts";
import { setHealth, setMetadata } from "../src/store/tables/metadata.ts";
import { createRandom } from "./event-year.ts";

export const GRID_MS = 300_000;
const DAY_MS = 86_400_000;
const YEAR_WINDOWS = (365 * DAY_MS) / GRID_MS;
export const ENTITIES = 1500;
const TARGETS = ["sleep", "away"];
export const DOMAINS = ["sensor", "binary_sensor", "light", "switch", "person"];

export interface LargeFile {
  readonly path: string;
  readonly events: number;
  readonly values: number;
}

/** A home of 1,500 entities as it is after a year: raw events of 90 days, windows of a year, labels, pairs, models, predictions, receipts. */
export function makeLargeFile(path: string, { events, values }: Omit<LargeFile, "path">, nowMs: number): LargeFile {
  const db = openForWriting(path);
  // Only the file counts here, not what a crash while it is made would leave.
  db.pragma("synchronous = OFF");
  migrate(db, nowMs);
  const features = Math.max(1, Math.round(values / YEAR_WINDOWS));
  const windows = Math.floor(values / features);
  const lastNo = Math.floor(nowMs / GRID_MS);
  putEntities(db, nowMs);
  putEvents(db, events, nowMs);
  putSet(db, features, nowMs);
  putWindows(db, features, windows, lastNo, nowMs);
  putLearned(db, windows, lastNo, nowMs);
  putReceipts(db, nowMs);
  setMetadata(db, {
    grid_ms: String(GRID_MS),
    anchor_hour: "12",
    time_zone: "Europe/Amsterdam",
    clock_offset_ms: "0",
    lifecycle: "running",
    heartbeat_at: new Date(nowMs).toISOString(),
    backfill_done_at: new Date(nowMs - 365 * DAY_MS).toISOString(),
    data_began_at: new Date(nowMs - 365 * DAY_MS).toISOString(),
    newest_saved_us: String(nowMs * 1000),
    last_clr_train_at: new Date(nowMs).toISOString(),
  });
  setHealth(db, { events_total: events, entities_total: ENTITIES, features_total: windows });
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
  return { path, events, values: features * windows };
}

function putEntities(db: Db, nowMs: number): void {
  db.transaction(() => {
    const insert = db.prepare(
      "INSERT INTO entities (id, entity_id, domain, area, name, first_seen_ms, state, state_updated_us, event_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    for (let id = 1; id <= ENTITIES; id += 1) {
      const domain = DOMAINS[id % DOMAINS.length]!;
      insert.run(id, `${domain}.made_${id}`, domain, `Area ${id % 20}`, `Made ${id}`, nowMs - 365 * DAY_MS, "on", null, 0);
    }
    for (const [position, name] of TARGETS.entries()) {
      db.run(
        "INSERT INTO targets (target_id, name, start_entity, end_entity, position, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        position + 1,
        name,
        `input_datetime.${name}_start`,
        `input_datetime.${name}_end`,
        position,
        nowMs,
      );
    }
  });
}

function putEvents(db: Db, events: number, nowMs: number): void {
  const random = createRandom(1);
  const stepUs = Math.max(1, Math.floor((90 * DAY_MS * 1000) / events));
  const fromUs = nowMs * 1000 - stepUs * events;
  const insert = db.prepare("INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES (?, ?, ?, ?, 0)");
  for (let i = 0; i < events; ) {
    db.transaction(() => {
      for (const end = Math.min(events, i + 100_000); i < end; i += 1) {
        const updatedUs = fromUs + i * stepUs + Math.floor(random() * stepUs);
        const entity = 1 + Math.floor(random() * ENTITIES);
        insert.run(
          updatedUs,
          entity,
          entity % 5 === 0 ? String(Math.round(random() * 1000) / 10) : random() < 0.5 ? "on" : "off",
          Math.floor(updatedUs / 1000) + 30,
        );
      }
    });
  }
  // What the newest-state table holds of each entity: its newest row, found among the last ones.
  db.run(
    `UPDATE entities SET event_count = ?, state_updated_us = (
       SELECT r.updated_us FROM raw_events r WHERE r.entity_id = entities.id AND r.updated_us >= ? ORDER BY r.updated_us DESC LIMIT 1)`,
    Math.floor(events / ENTITIES),
    nowMs * 1000 - stepUs * 200,
  );
}

function putSet(db: Db, features: number, nowMs: number): void {
  db.transaction(() => {
    db.run("INSERT INTO feature_sets (set_id, version, created_at_ms, excluded_json) VALUES (1, '1-bench', ?, '[]')", nowMs);
    for (let id = 1; id <= features; id += 1) {
      const isCount = id % 10 === 0;
      const name = isCount ? `area.made_${id}:activity:60m` : `sensor.made_${id}:mean_30m`;
      db.run(
        "INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES (?, ?, ?, ?)",
        id,
        name,
        JSON.stringify({
          group: "entity",
          entities: [`${DOMAINS[id % DOMAINS.length]}.made_${id}`],
          rules: 1,
          minimumCoverage: 0.5,
          ...(isCount
            ? { kind: "activity_count", repeating: [], horizonMs: 3_600_000, cap: 1000 }
            : { kind: "level", statistic: "mean", horizonMs: 1_800_000, scale: "linear", low: -1e9, high: 1e9 }),
        }),
        nowMs,
      );
      db.run("INSERT INTO feature_set_members (set_id, position, feature_id) VALUES (1, ?, ?)", id - 1, id);
    }
    setMetadata(db, { active_set_id: "1", feature_set_version: "1-bench" });
  });
}

function putWindows(db: Db, features: number, windows: number, lastNo: number, nowMs: number): void {
  const random = createRandom(2);
  const put = db.prepare(
    "INSERT INTO features (window_no, set_id, values_json, coverage_json, coverage, available_at_ms, computed_at_ms) VALUES (?, 1, ?, NULL, 1, ?, ?)",
  );
  const vectors = Array.from({ length: 500 }, () => JSON.stringify(Array.from({ length: features }, () => madeValue(random))));
  for (let i = 0; i < windows; ) {
    db.transaction(() => {
      for (const end = Math.min(windows, i + 5000); i < end; i += 1) {
        const no = lastNo - windows + 1 + i;
        put.run(no, vectors[i % vectors.length]!, no * GRID_MS + 40, no * GRID_MS + 3000);
      }
    });
  }
  setMetadata(db, { features_read_to: String(lastNo), last_feature_compute_at: new Date(nowMs).toISOString() });
}

/** The shape that features have: many zeros and shares, some counts, some levels of seven digits. */
function madeValue(random: () => number): number {
  const kind = random();
  if (kind < 0.4) return 0;
  if (kind < 0.7) return Number((random() * 3).toPrecision(7));
  return kind < 0.8 ? 1 : Number((20 + random() * 5).toPrecision(7));
}

function putLearned(db: Db, windows: number, lastNo: number, nowMs: number): void {
  db.transaction(() => {
    const nights = Math.floor(windows / 288) - 1;
    for (let night = 0; night < nights; night += 1) {
      const endNo = lastNo - night * 288 - 60;
      const id = night + 1;
      db.run(
        `INSERT INTO labels (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status)
         VALUES (?, 1, ?, ?, ?, 'Europe/Amsterdam', 'positive', 'helper', ?, 'active')`,
        id,
        (endNo - 96) * GRID_MS,
        endNo * GRID_MS,
        new Date(endNo * GRID_MS).toISOString().slice(0, 10),
        endNo * GRID_MS,
      );
      for (let no = endNo - 280; no <= endNo; no += 1) {
        db.run("INSERT INTO pairs (target_id, window_no, label_id, target) VALUES (1, ?, ?, ?)", no, id, no > endNo - 96 ? 1 : 0);
      }
      db.run(
        "INSERT INTO gaps (entity_id, from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (NULL, ?, ?, 'not running', 'filled', ?)",
        endNo * GRID_MS,
        (endNo + 1) * GRID_MS,
        nowMs,
      );
    }
    for (const target of [1, 2]) {
      for (let run = 1; run <= 365; run += 1) {
        const id = (target - 1) * 365 + run;
        db.run(
          "INSERT INTO clr_training_runs (id, target_id, status, started_at_ms, finished_at_ms, set_id, report_json) VALUES (?, ?, 'completed', ?, ?, 1, '{\"auc\":0.9}')",
          id,
          target,
          nowMs - run * DAY_MS,
          nowMs - run * DAY_MS + 1000,
        );
      }
      db.run(
        `INSERT INTO clr_model_artifacts (id, run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms)
         VALUES (?, ?, ?, 1, 'eligible', 1, 'clr', ?, 'c', ?)`,
        target,
        (target - 1) * 365 + 1,
        target,
        JSON.stringify({ model: { coefficients: [0.1], intercept: 0 }, feature_names: ["sensor.made_1:mean_30m"] }),
        nowMs,
      );
      db.run("INSERT INTO champions (target_id, artifact_id, promoted_at_ms, reason) VALUES (?, ?, ?, 'first')", target, target, nowMs);
      const predict = db.prepare(
        "INSERT INTO predictions (target_id, window_no, probability, is_on, threshold, stage, artifact_id, coverage, vector_json, predicted_at_ms) VALUES (?, ?, 0.3, 0, 0.5, 'eligible', ?, 1, '[0.1,0.2,0.3]', ?)",
      );
      for (let no = lastNo - windows + 1; no <= lastNo; no += 1) predict.run(target, no, target, no * GRID_MS + 3000);
    }
    db.run("INSERT INTO bocpd_training_runs (id, status, started_at_ms, finished_at_ms) VALUES (1, 'completed', ?, ?)", nowMs, nowMs);
    for (let stream = 1; stream <= 60; stream += 1) {
      db.run(
        `INSERT INTO bocpd_model_state (stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, updated_at_ms)
         VALUES (?, 'area.made_10:activity:60m', 'poisson', 1, ?, 0.001, x'00', '{}', ?)`,
        `stream_${stream}`,
        nowMs,
        nowMs - stream,
      );
    }
  });
}

function putReceipts(db: Db, nowMs: number): void {
  db.transaction(() => {
    const insert = db.prepare(
      "INSERT INTO schedule_runs (job, due_at_ms, started_at_ms, finished_at_ms, status, rows) VALUES (?, ?, ?, ?, 'completed', 1)",
    );
    const jobs: readonly (readonly [string, number])[] = [
      ["features", GRID_MS],
      ["changes", 3_600_000],
      ["train", DAY_MS],
      ["maintenance", DAY_MS],
      ["backup", DAY_MS],
    ];
    for (const [job, everyMs] of jobs) {
      const last = Math.floor(nowMs / everyMs) * everyMs;
      for (let dueMs = last - 365 * DAY_MS; dueMs <= last; dueMs += everyMs) insert.run(job, dueMs, dueMs, dueMs + 100);
    }
  });
}
