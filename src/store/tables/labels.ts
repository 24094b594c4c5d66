import { EXCLUDED_SOURCE, type Label, type PastLabel, type ReplacedReason, type StoredLabel } from "../../core/labels/label.ts";
import type { Pair } from "../../core/pairs/pair.ts";
import { DAY_MS, isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { currentNames } from "./entities.ts";
import { entityIndex, forgetEntityIndex } from "./entity-index.ts";
import { lastHistoryId, lastLabelId } from "./last-numbers.ts";
import { addHealth, getMetadata, setHealth, setMetadata } from "./metadata.ts";

export interface TargetOptions {
  readonly name: string;
  /** `input_datetime` or `input_button`; the same `input_boolean` as `endEntity` where one switch tells both. */
  readonly startEntity: string | null;
  readonly endEntity: string | null;
  /** `input_button`: "it did not happen". */
  readonly negativeEntity?: string | null;
  /** `input_boolean`, on while nothing counts; several targets may share it. */
  readonly excludedEntity?: string | null;
  /** The longest label of this target, where it differs from that of the others; not stored. */
  readonly maxLabelHours?: number | null;
}

export interface Target extends TargetOptions {
  readonly targetId: number;
  /** Since when it is no longer configured. */
  readonly retiredAtMs: number | null;
}

/** Every helper that tells of a target, each once: none of them may become a feature. */
export function helpersOf({ startEntity, endEntity, negativeEntity, excludedEntity }: TargetOptions): string[] {
  const helpers = [startEntity, endEntity, negativeEntity, excludedEntity].filter((helper) => helper !== null && helper !== undefined);
  return [...new Set(helpers)];
}

/** The helpers of every target, by the names that options know and by those they were renamed to. */
export function readHelperNames(db: Db): string[] {
  const named = readTargets(db).flatMap(helpersOf);
  return [...new Set([...named, ...currentNames(db, named)])];
}

const RETIRED_POSITION = 1_000_000;

/** Stores the configured targets in their order; a target no longer configured keeps its labels and models, and hears no helper any more. */
export function putTargets(db: Db, input: { readonly targets: readonly TargetOptions[]; readonly nowMs: number }): number {
  input.targets.forEach((target, position) => {
    db.run(
      `INSERT INTO targets (name, start_entity, end_entity, negative_entity, excluded_entity, position, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET start_entity = excluded.start_entity, end_entity = excluded.end_entity,
         negative_entity = excluded.negative_entity, excluded_entity = excluded.excluded_entity, position = excluded.position, retired_at_ms = NULL`,
      target.name,
      target.startEntity,
      target.endEntity,
      target.negativeEntity ?? null,
      target.excludedEntity ?? null,
      position,
      input.nowMs,
    );
    for (const helper of helpersOf(target)) adoptHelper(db, helper, input.nowMs);
  });
  db.run(
    // Behind every configured one: whoever reads the first row of a view reads the default target.
    `UPDATE targets SET retired_at_ms = ?, position = ? + target_id
     WHERE retired_at_ms IS NULL AND name NOT IN (SELECT value FROM json_each(?))`,
    input.nowMs,
    RETIRED_POSITION,
    JSON.stringify(input.targets.map((target) => target.name)),
  );
  entityIndex(db).save();
  forgetEntityIndex(db);
  return input.targets.length;
}

/** A helper chosen after its states were stored, or after some time in which it was none: they are copied to where helpers' states are kept. */
function adoptHelper(db: Db, entityId: string, nowMs: number): void {
  const { id, updatedUs } = entityIndex(db).meant(entityId, nowMs);
  // Never heard of: looking for its states would read every event at each start.
  if (updatedUs === 0) return;
  const kept = db.get<{ us: number | null }>("SELECT max(updated_us) AS us FROM helper_changes WHERE entity_id = ?", id)?.us ?? 0;
  if (kept >= updatedUs) return;
  db.run(
    `INSERT OR IGNORE INTO helper_changes (entity_id, updated_us, state, known_at_ms, source)
     SELECT entity_id, updated_us, state, known_at_ms, source FROM raw_events WHERE entity_id = ? AND updated_us > ?`,
    id,
    kept,
  );
}

export function readTargets(db: Db): Target[] {
  return db.all(
    `SELECT target_id AS targetId, name, start_entity AS startEntity, end_entity AS endEntity, negative_entity AS negativeEntity,
            excluded_entity AS excludedEntity, retired_at_ms AS retiredAtMs
     FROM targets ORDER BY retired_at_ms IS NOT NULL, position, target_id`,
  );
}

export function readLabels(db: Db, targetId: number): StoredLabel[] {
  return db.all(
    `SELECT id, start_ms AS startMs, end_ms AS endMs, local_date AS localDate, time_zone AS timeZone, kind, source, captured_at_ms AS capturedAtMs,
            raw_start AS rawStart, raw_end AS rawEnd, said_by AS saidBy, status, reason
     FROM labels WHERE target_id = ? ORDER BY end_ms, start_ms, id`,
    targetId,
  );
}

/** Labels of a target that no longer count. */
export function readLabelHistory(db: Db, targetId: number): PastLabel[] {
  return db.all(
    `SELECT start_ms AS startMs, end_ms AS endMs, local_date AS localDate, time_zone AS timeZone, kind, source, captured_at_ms AS capturedAtMs,
            raw_start AS rawStart, raw_end AS rawEnd, said_by AS saidBy, replaced_at_ms AS replacedAtMs, replaced_by AS replacedBy
     FROM label_history WHERE target_id = ? ORDER BY id`,
    targetId,
  );
}

/** One entry of the history; null when the target has none of that number. */
export function readPastLabel(
  db: Db,
  targetId: number,
  historyId: number,
): Pick<PastLabel, "startMs" | "endMs" | "kind" | "timeZone"> | null {
  const sql = "SELECT start_ms AS startMs, end_ms AS endMs, kind, time_zone AS timeZone FROM label_history WHERE target_id = ? AND id = ?";
  return db.get<Pick<PastLabel, "startMs" | "endMs" | "kind" | "timeZone">>(sql, targetId, historyId) ?? null;
}

export interface LabelChanges {
  readonly targetId: number;
  readonly added: readonly Label[];
  /** Labels that an added one (or the person) takes the place of: moved to label_history. */
  readonly replaced: readonly { readonly id: number; readonly replacedBy: ReplacedReason; readonly atMs?: number | undefined }[];
  readonly nowMs: number;
}

/** A window pairs with a label that ends within a day behind it, or began before it within the rest of its day; twice that is safe. */
const PAIRED_WITHIN_MS = 2 * DAY_MS;

/** Applies one merge: replaced labels go to label_history, new ones in. The same facts again change nothing. */
export function applyLabels(db: Db, changes: LabelChanges): { added: number; replaced: number } {
  let replaced = 0;
  for (const { id, replacedBy, atMs } of changes.replaced) {
    db.run(
      `INSERT INTO label_history (id, label_id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, raw_start, raw_end, said_by,
                                  replaced_at_ms, replaced_by)
       SELECT ?, id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, raw_start, raw_end, said_by, ?, ? FROM labels WHERE id = ? AND status = 'active'`,
      lastHistoryId(db) + 1,
      atMs ?? changes.nowMs,
      replacedBy,
      id,
    );
    db.run(
      // Its windows lie near it: pairs have no index by their label, and looking at every one would hold up the events.
      `DELETE FROM pairs WHERE label_id = @id AND target_id = @targetId
         AND window_no BETWEEN (SELECT start_ms - @reachMs FROM labels WHERE id = @id) / @gridMs AND (SELECT end_ms + @reachMs FROM labels WHERE id = @id) / @gridMs`,
      { id, targetId: changes.targetId, reachMs: PAIRED_WITHIN_MS, gridMs: Number(getMetadata(db, "grid_ms") ?? 300_000) },
    );
    replaced += db.run("DELETE FROM labels WHERE id = ?", id);
  }
  let added = 0;
  const lastId = changes.added.length === 0 ? 0 : lastLabelId(db);
  for (const label of changes.added) {
    added += db.run(
      `INSERT OR IGNORE INTO labels (id, target_id, start_ms, end_ms, local_date, time_zone, kind, source, captured_at_ms, raw_start, raw_end, said_by, status, reason)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      lastId + added + 1,
      changes.targetId,
      label.startMs,
      label.endMs,
      label.localDate,
      label.timeZone,
      label.kind,
      label.source,
      label.capturedAtMs,
      label.rawStart,
      label.rawEnd,
      label.saidBy,
      label.status,
      label.reason,
    );
  }
  addHealth(db, "labels_total", added - replaced);
  if (added > 0) setMetadata(db, { last_label_capture_at: isoMs(changes.nowMs), last_label_id: String(lastId + added) });
  return { added, replaced };
}

export interface OpenNote {
  readonly targetName: string;
  /** Whose story it is; what is excluded is kept apart from what the target's own helpers say. */
  readonly source: string;
  /** Where it begins: what was said, or when it was said where that tells no start. */
  readonly sinceMs: number | null;
}

/** A start without an end yet, for the page, status and (excluded) the pairs. */
export function noteOpenLabel(db: Db, { targetName, source, sinceMs }: OpenNote): void {
  const key = source === EXCLUDED_SOURCE ? openExclusionKey(targetName) : `open_label.${targetName}`;
  setHealth(db, { [key]: sinceMs === null ? "" : isoMs(sinceMs) });
}

/** Since when a target's `excluded` switch has been on; null while it is off. */
export function openExclusionMs(db: Db, targetName: string): number | null {
  const value = db.get<{ value: string }>("SELECT value FROM health WHERE key = ?", openExclusionKey(targetName))?.value;
  return value ? Date.parse(value) : null;
}

/** Where a label of a target begins that is still open: a start without an end; null when there is none. */
export function openLabelMs(db: Db, targetName: string): number | null {
  const value = db.get<{ value: string }>("SELECT value FROM health WHERE key = ?", `open_label.${targetName}`)?.value;
  return value ? Date.parse(value) : null;
}

function openExclusionKey(targetName: string): string {
  return `open_exclusion.${targetName}`;
}

export interface PairRows {
  readonly targetId: number;
  /** The part of the target's pairs that this is: windows fromNo..toNo, both included. */
  readonly fromNo: number;
  readonly toNo: number;
  readonly pairs: readonly Pair[];
}

/** Makes the target's pairs of these windows exactly these; rows that are the same already are not written again. */
export function replacePairs(db: Db, input: PairRows): { written: number; removed: number } {
  const wanted = new Set(input.pairs.map((pair) => pair.windowNo));
  const gone = db
    .all<{ windowNo: number }>(
      "SELECT window_no AS windowNo FROM pairs WHERE target_id = ? AND window_no BETWEEN ? AND ?",
      input.targetId,
      input.fromNo,
      input.toNo,
    )
    .filter((row) => !wanted.has(row.windowNo));
  for (const { windowNo } of gone) db.run("DELETE FROM pairs WHERE target_id = ? AND window_no = ?", input.targetId, windowNo);
  const put = db.prepare(
    `INSERT INTO pairs (target_id, window_no, label_id, target, said_until_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (target_id, window_no) DO UPDATE SET label_id = excluded.label_id, target = excluded.target, said_until_ms = excluded.said_until_ms
     WHERE label_id <> excluded.label_id OR target <> excluded.target OR said_until_ms IS NOT excluded.said_until_ms`,
  );
  let written = 0;
  for (const pair of input.pairs)
    written += put.run(input.targetId, pair.windowNo, pair.labelId, pair.target, pair.saidUntilMs ?? null).changes;
  return { written, removed: gone.length };
}

/** Why windows were left out of the pairs of a target, counted; the training run keeps a copy. */
export function notePairExclusions(
  db: Db,
  input: { readonly targetId: number; readonly exclusions: Readonly<Record<string, number>> },
): void {
  setHealth(db, { [`pair_exclusions.${input.targetId}`]: JSON.stringify(input.exclusions) });
}

export function readPairExclusions(db: Db, targetId: number): Record<string, number> {
  const text = db.get<{ value: string }>("SELECT value FROM health WHERE key = ?", `pair_exclusions.${targetId}`)?.value;
  return text === undefined ? {} : (JSON.parse(text) as Record<string, number>);
}

export interface TrainingRow {
  readonly windowNo: number;
  readonly target: 0 | 1;
  readonly labelId: number;
  /** Where the window lies in the rest of its label's day: until when. */
  readonly saidUntilMs: number | null;
  readonly setId: number;
  readonly availableAtMs: number;
}

/** The pairs of one target that have features, time order, without them: in the order of `readTrainingRows`. */
export function readPairedWindows(db: Db, targetId: number): Pick<TrainingRow, "windowNo" | "target">[] {
  const sql = `SELECT p.window_no AS windowNo, p.target FROM pairs p JOIN features f ON f.window_no = p.window_no
               WHERE p.target_id = ? ORDER BY p.window_no`;
  return db.all(sql, targetId);
}

/** The rows of `pairs` of one target with their features, time order, one at a time: what trainer and view read. */
export function readTrainingRows(db: Db, targetId: number): IterableIterator<TrainingRow & { readonly valuesJson: string }> {
  const sql = `SELECT p.window_no AS windowNo, p.target, p.label_id AS labelId, p.said_until_ms AS saidUntilMs, f.set_id AS setId, f.values_json AS valuesJson, f.available_at_ms AS availableAtMs
     FROM pairs p JOIN features f ON f.window_no = p.window_no WHERE p.target_id = ? ORDER BY p.window_no`;
  return db.prepare(sql).iterate(targetId) as IterableIterator<TrainingRow & { readonly valuesJson: string }>;
}
