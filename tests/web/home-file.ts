import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabelKind, RejectedReason } from "../../src/core/labels/label.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../../src/core/time.ts";
import { type Db, openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { putEntityFacts } from "../../src/store/tables/entities.ts";
import { saveEntityStates } from "../../src/store/tables/entity-index.ts";
import { insertEvents } from "../../src/store/tables/events.ts";
import { putTargets } from "../../src/store/tables/labels.ts";
import { setHealth, setMetadata } from "../../src/store/tables/metadata.ts";
import { putReceipt } from "../../src/store/tables/schedule-runs.ts";

export const NOW_MS = Date.parse("2026-11-21T13:02:00Z");
export const GRID_MS = 5 * MINUTE_MS;
export const LAST_WINDOW = Math.floor(NOW_MS / GRID_MS);
export const HOSTILE = `<img src=x onerror="alert(1)">'; DROP TABLE labels; --`;

export interface HomeFile {
  readonly db: Db;
  remove(): void;
}

/** A database of this app's schema in a folder of its own. Its clock stands at NOW_MS, so that views find the same age at every run. */
export function createHomeFile(): HomeFile {
  const folder = mkdtempSync(join(tmpdir(), "web-"));
  const db = openForWriting(join(folder, "home.db"));
  migrate(db, NOW_MS);
  setMetadata(db, { clock_offset_ms: String(NOW_MS - Date.now()), grid_ms: String(GRID_MS), time_zone: "Europe/Amsterdam" });
  return {
    db,
    remove() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function addTarget(db: Db, name = "sleep"): number {
  putTargets(db, {
    targets: [{ name, startEntity: `input_datetime.${name}_start`, endEntity: `input_datetime.${name}_end` }],
    nowMs: NOW_MS,
  });
  return db.get<{ id: number }>("SELECT target_id AS id FROM targets WHERE name = ?", name)!.id;
}

export function addLabel(
  db: Db,
  targetId: number,
  label: { readonly startMs: number; readonly endMs: number; readonly kind?: LabelKind; readonly rejectedBecause?: RejectedReason },
): void {
  db.run(
    `INSERT INTO labels (target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, status, reason)
     VALUES (?, ?, ?, ?, 'Europe/Amsterdam', ?, 'helper', ?, ?, ?)`,
    targetId,
    label.startMs,
    label.endMs,
    isoMs(label.endMs).slice(0, 10),
    label.kind ?? "positive",
    label.endMs,
    label.rejectedBecause === undefined ? "active" : "rejected",
    label.rejectedBecause ?? null,
  );
}

export function addPrediction(db: Db, targetId: number, windowNo: number, probability: number | null, isOn: boolean | null = null): void {
  db.run(
    `INSERT INTO predictions (target_id, window_no, probability, is_on, threshold, stage, coverage, unavailable_reason, vector_json, predicted_at_ms)
     VALUES (?, ?, ?, ?, 0.5, ?, 0.97, ?, '[]', ?)`,
    targetId,
    windowNo,
    probability,
    isOn === null ? null : Number(isOn),
    isOn === null ? "preview" : "eligible",
    probability === null ? "low coverage" : null,
    windowNo * GRID_MS + 2000,
  );
}

export function addChange(db: Db, streamName: string, atMs: number, before: number, after: number, isWithdrawn = false): void {
  db.run(
    `INSERT INTO change_points (stream_name, change_at_ms, start_low_ms, start_high_ms, probability, before_mean, after_mean, detected_at_ms, withdrawn_at_ms)
     VALUES (?, ?, ?, ?, 0.97, ?, ?, ?, ?)`,
    streamName,
    atMs,
    atMs - DAY_MS,
    atMs + 6 * HOUR_MS,
    before,
    after,
    atMs + DAY_MS,
    isWithdrawn ? NOW_MS : null,
  );
}

export function addStream(db: Db, streamName: string, model: string): void {
  db.run("INSERT INTO bocpd_training_runs (status, started_at_ms) VALUES ('completed', ?)", NOW_MS);
  db.run(
    `INSERT INTO bocpd_model_state (stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, updated_at_ms)
     VALUES (?, ?, ?, last_insert_rowid(), ?, 0.01, x'00', '{}', ?)`,
    streamName,
    streamName,
    model,
    NOW_MS,
    NOW_MS,
  );
}

/** A home that has run for weeks: one night labeled, predictions for the last day, changes, receipts and a gap. */
export function seedHome(db: Db): void {
  const targetId = addTarget(db);
  putEntityFacts(db, {
    facts: [
      {
        entityId: "light.hall",
        domain: "light",
        deviceClass: null,
        unit: null,
        area: "hallway",
        name: HOSTILE,
        platform: "hue",
        kind: "binary",
      },
      {
        entityId: "sensor.lux",
        domain: "sensor",
        deviceClass: "illuminance",
        unit: "lx",
        area: "kitchen",
        name: "Kitchen brightness",
        platform: "hue",
        kind: "numeric",
      },
    ],
    nowMs: NOW_MS,
  });
  const events = Array.from({ length: 400 }, (_, i) => ({
    entityId: i % 3 === 0 ? "sensor.lux" : "light.hall",
    updatedUs: (NOW_MS - 4000 - i * 6 * MINUTE_MS) * 1000,
    state: String(i),
    knownAtMs: null,
    source: "history" as const,
  }));
  insertEvents(db, { events: events.reverse(), nowMs: NOW_MS });
  saveEntityStates(db);
  addLabel(db, targetId, { startMs: Date.parse("2026-11-20T22:10:00Z"), endMs: Date.parse("2026-11-21T06:15:00Z") });
  for (let no = LAST_WINDOW - 287; no <= LAST_WINDOW; no += 1) {
    const probability = probabilityAt(no * GRID_MS);
    addPrediction(db, targetId, no, probability, probability !== null && probability >= 0.5);
  }
  addStream(db, "area.hallway:activity:60m", "poisson");
  addChange(db, "area.hallway:activity:60m", Date.parse("2026-11-03T05:00:00Z"), 3.1, 5.8);
  addChange(db, "light.hall:on_fraction:60m", Date.parse("2026-10-28T05:00:00Z"), 0.12, 0.34, true);
  addChange(db, "sensor.lux:mean:60m", Date.parse("2026-10-12T05:00:00Z"), 212, 1250);
  db.run(
    "INSERT INTO gaps (from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (?, ?, 'connection lost', 'filled', ?)",
    NOW_MS - 30 * HOUR_MS,
    NOW_MS - 29.5 * HOUR_MS,
    NOW_MS,
  );
  putReceipt(db, receipt("features", LAST_WINDOW * GRID_MS, "completed", 1));
  putReceipt(db, receipt("features", (LAST_WINDOW - 1) * GRID_MS, "failed", null));
  putReceipt(db, receipt("train", Date.parse("2026-11-21T11:10:00Z"), "completed", null));
  putReceipt(db, { ...receipt("maintenance", Date.parse("2026-11-21T02:30:00Z"), "failed", null), error: "the disk is full" });
  setMetadata(db, { heartbeat_at: isoMs(NOW_MS - 20_000), lifecycle: "running", last_bocpd_train_at: isoMs(NOW_MS - 2 * MINUTE_MS) });
  setHealth(db, { connection: "connected", connected_since: isoMs(NOW_MS - 50 * HOUR_MS), features_total: 12_096 });
  noteGates(db, "preview", ["Labels for 5 more days", "2 more labeled nights"]);
}

export function noteGates(db: Db, stage: string, missing: readonly string[]): void {
  const counts = { labelledDays: 9, episodes: 8, rowsPerClass: { negative: 1720, positive: 812 } };
  setHealth(db, { readiness: JSON.stringify([{ target: "sleep", stage, missing, ...counts }]) });
}

function receipt(job: string, dueAtMs: number, status: "completed" | "failed", rows: number | null) {
  return { job, dueAtMs, startedAtMs: dueAtMs + 500, finishedAtMs: dueAtMs + 1500, status, rows, error: null };
}

/** Low by day, high in the night, an hour of no answer in the morning. */
function probabilityAt(atMs: number): number | null {
  const hour = (atMs / HOUR_MS) % 24;
  if (hour > 8 && hour < 9) return null;
  const depth = Math.cos(((hour - 2.2) / 24) * 2 * Math.PI) * 6 - 1.5;
  return 1 / (1 + Math.exp(-depth - Math.sin(hour * 9) * 0.8));
}
