import type { GapOutcome, GapReason, GapWhy } from "../../core/events/gap.ts";
import type { Db } from "../db.ts";
import { entityIndex } from "./entity-index.ts";
import { setHealth } from "./metadata.ts";
import { type HearingChange, noteHearing } from "./stale.ts";

/** A span in which the app did not listen. */
export interface StoredGap {
  readonly id: number;
  /** Null = all entities. */
  readonly entityId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: GapReason;
  readonly outcome: GapOutcome;
  readonly why: GapWhy | null;
}

export type NewGap = Pick<StoredGap, "entityId" | "fromMs" | "toMs" | "reason">;

export interface SettledGap {
  readonly id: number;
  /** The recorder holds nothing from before this instant; null when it holds the whole span. */
  readonly lostUntilMs: number | null;
  /** Entities that the recorder did not know over the span, and entities that it did. */
  readonly unrecorded: readonly string[];
  readonly recorded: readonly string[];
}

/** Spans that lie so close together are one outage, not two. */
const TOUCH_MS = 60_000;

/**
 * Notes a span as open, joined with the open ones of the same entity and reason that it touches, so that an outage is one row however
 * often its noting is repeated. Returns the row.
 */
export function noteGap(db: Db, input: NewGap & { readonly nowMs: number }): Omit<StoredGap, "outcome" | "why"> {
  const { entityId, reason, nowMs } = input;
  const entity = entityId === null ? null : entityIndex(db).of(entityId, nowMs).id;
  let fromMs = Math.floor(input.fromMs);
  let toMs = Math.max(fromMs, Math.ceil(input.toMs));
  const touching = db.all<{ id: number; fromMs: number; toMs: number; outcome: GapOutcome }>(
    `SELECT id, from_ms AS fromMs, to_ms AS toMs, outcome FROM gaps WHERE entity_id IS ? AND reason = ?
     AND ((outcome = 'open' AND to_ms >= ? AND from_ms <= ?) OR from_ms = ?) ORDER BY from_ms`,
    entity,
    reason,
    fromMs - TOUCH_MS,
    toMs + TOUCH_MS,
    fromMs,
  );
  const [first] = touching;
  let staleFromMs = fromMs;
  if (first !== undefined) {
    // What the row covers already, windows know.
    if (first.fromMs <= fromMs && first.outcome === "open") staleFromMs = Math.max(fromMs, first.toMs);
    fromMs = Math.min(fromMs, first.fromMs);
    toMs = Math.max(toMs, ...touching.map((gap) => gap.toMs));
    for (const { id } of touching.slice(1)) db.run("DELETE FROM gaps WHERE id = ?", id);
  }
  const written = first
    ? db.run(
        `UPDATE gaps SET from_ms = @fromMs, to_ms = @toMs, outcome = 'open', why = NULL, entities_unfilled = 0, noted_at_ms = @nowMs
         WHERE id = @id AND (from_ms <> @fromMs OR to_ms <> @toMs OR outcome <> 'open')`,
        { id: first.id, fromMs, toMs, nowMs },
      )
    : db.run(
        "INSERT INTO gaps (entity_id, from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (?, ?, ?, ?, 'open', ?)",
        entity,
        fromMs,
        toMs,
        reason,
        nowMs,
      );
  // Asked before anything else is inserted.
  const id = first?.id ?? db.get<{ id: number }>("SELECT last_insert_rowid() AS id")!.id;
  if (written > 0) changed(db, { entity, fromMs: staleFromMs, toMs, nowMs });
  return { id, entityId, fromMs, toMs, reason };
}

/** Writes what became of an open gap. A part that the recorder no longer holds becomes a row of its own. */
export function settleGap(db: Db, { id, lostUntilMs, unrecorded, recorded, nowMs }: SettledGap & { readonly nowMs: number }): number {
  const gap = db.get<{ entityId: number | null; fromMs: number; toMs: number; reason: string }>(
    "SELECT entity_id AS entityId, from_ms AS fromMs, to_ms AS toMs, reason FROM gaps WHERE id = ? AND outcome = 'open'",
    id,
  );
  if (gap === undefined) return 0;
  const { fromMs, toMs } = gap;
  const lostTo = lostUntilMs === null || lostUntilMs <= fromMs ? fromMs : Math.min(toMs, Math.ceil(lostUntilMs));
  const index = entityIndex(db);
  const idsOf = (names: readonly string[]): number[] => names.flatMap((name) => index.find(name)?.id ?? []);
  if (recorded.length > 0) {
    db.run(
      "UPDATE unrecorded_entities SET to_ms = ? WHERE to_ms IS NULL AND entity_id IN (SELECT value FROM json_each(?))",
      fromMs,
      JSON.stringify(idsOf(recorded)),
    );
  }
  const left = JSON.stringify(idsOf(unrecorded));
  let unfilled = 0;
  if (gap.entityId !== null) unfilled = unrecorded.length;
  else if (unrecorded.length > 0) {
    db.run(
      // Without a row in the gap it did not change in it, and may as well not have been there.
      `INSERT OR IGNORE INTO unrecorded_entities (entity_id, from_ms) SELECT DISTINCT r.entity_id, ? FROM raw_events r
       WHERE r.updated_us >= ? AND r.updated_us <= ? AND r.entity_id IN (SELECT value FROM json_each(?))
         AND r.entity_id NOT IN (SELECT entity_id FROM unrecorded_entities WHERE to_ms IS NULL)`,
      fromMs,
      (fromMs + 1) * 1000,
      toMs * 1000,
      left,
    );
    unfilled = holesOf(db, { fromMs: lostTo, toMs }).length;
  }
  const settle = (gapId: number, outcome: GapOutcome, why: GapWhy | null, from: number, to: number, entities: number): number =>
    db.run(
      "UPDATE gaps SET from_ms = ?, to_ms = ?, outcome = ?, why = ?, entities_unfilled = ?, noted_at_ms = ? WHERE id = ?",
      from,
      to,
      outcome,
      why,
      entities,
      nowMs,
      gapId,
    );
  const rest: readonly [GapOutcome, GapWhy | null] = unfilled > 0 ? ["partly", "not in the recorder"] : ["filled", null];
  if (lostTo > fromMs) settle(id, "lost", "purged by the recorder", fromMs, lostTo, 0);
  else settle(id, ...rest, fromMs, toMs, unfilled);
  if (lostTo > fromMs && lostTo < toMs) {
    const row = db.get<{ id: number }>(
      `INSERT INTO gaps (entity_id, from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (?, ?, ?, ?, 'open', ?)
       ON CONFLICT (coalesce(entity_id, 0), from_ms, reason) DO UPDATE SET to_ms = max(to_ms, excluded.to_ms) RETURNING id`,
      gap.entityId,
      lostTo,
      toMs,
      gap.reason,
      nowMs,
    )!;
    settle(row.id, ...rest, lostTo, toMs, unfilled);
  }
  // What was lost is as unknown as it was while it was open.
  changed(db, { entity: gap.entityId, fromMs: lostTo, toMs, nowMs });
  return 1;
}

/** Windows over a gap are computed again, because what is known of them has changed. */
function changed(db: Db, change: HearingChange): void {
  noteHearing(db, change);
  setHealth(db, { gaps_open: db.get<{ n: number }>("SELECT COUNT(*) AS n FROM gaps WHERE outcome = 'open'")!.n });
}

/**
 * Gaps with one of these outcomes that touch [fromMs, toMs). One of all entities that is filled for most of them (`partly`) is told as the
 * holes of those for which it is not.
 */
export function readGaps(
  db: Db,
  outcomes: readonly GapOutcome[],
  fromMs = Number.MIN_SAFE_INTEGER,
  toMs = Number.MAX_SAFE_INTEGER,
): StoredGap[] {
  const gaps = db.all<StoredGap>(
    `SELECT g.id, e.entity_id AS entityId, g.from_ms AS fromMs, g.to_ms AS toMs, g.reason, g.outcome, g.why
     FROM gaps g LEFT JOIN entities e ON e.id = g.entity_id
     WHERE g.outcome IN (SELECT value FROM json_each(?)) AND g.to_ms > ? AND g.from_ms < ? ORDER BY g.from_ms`,
    JSON.stringify(outcomes),
    Math.floor(fromMs),
    Math.ceil(toMs),
  );
  return gaps.flatMap((gap) =>
    gap.entityId === null && gap.outcome === "partly" ? holesOf(db, gap).map((hole) => ({ ...gap, ...hole })) : [gap],
  );
}

/** From the gap's start to an entity's last row in it nothing is known of an entity that the recorder leaves out; without a row it did not change. */
function holesOf(db: Db, { fromMs, toMs }: Pick<StoredGap, "fromMs" | "toMs">): { entityId: string; toMs: number }[] {
  return db.all(
    `SELECT e.entity_id AS entityId, (max(r.updated_us) + 999) / 1000 AS toMs
     FROM raw_events r CROSS JOIN unrecorded_entities u ON u.entity_id = r.entity_id CROSS JOIN entities e ON e.id = r.entity_id
     WHERE r.updated_us >= ? AND r.updated_us <= ? AND u.from_ms <= ? AND (u.to_ms IS NULL OR u.to_ms > ?) GROUP BY r.entity_id`,
    (fromMs + 1) * 1000, // a gap begins with the last row before it
    toMs * 1000,
    fromMs,
    fromMs,
  );
}
