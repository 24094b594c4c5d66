import type { Change } from "../../core/features/effect.ts";
import { windowNoOf } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { getMetadata } from "./metadata.ts";

/** Stored windows of which something became different after they were computed. */
export interface StaleRange {
  readonly id: number;
  /** No window outside of this range can differ. */
  readonly fromNo: number;
  readonly toNo: number;
  /** What exactly it was; null = all of these windows are to be computed again. */
  readonly change: Change | null;
}

const gridMsOf = (db: Db): number => Number(getMetadata(db, "grid_ms") ?? 300_000);

/** Windows up to here are computed, or being computed from what a pass has read already: an event in them comes late. */
export function computedOrReadTo(db: Db): number {
  const computedTo = db.get<{ newest: number | null }>("SELECT MAX(window_no) AS newest FROM features")?.newest ?? -1;
  return Math.max(computedTo, Number(getMetadata(db, "features_read_to") ?? -1));
}

/** Notes windows that are to be computed again, whatever the reason. */
export function noteStaleWindows(db: Db, input: { readonly fromNo: number; readonly toNo: number; readonly nowMs: number }): void {
  db.run("INSERT INTO stale_windows (from_no, to_no, noted_at_ms) VALUES (?, ?, ?)", input.fromNo, input.toNo, input.nowMs);
}

interface Noted {
  /** Row id; null = all entities. */
  readonly entity: number | null;
  readonly what: Change["what"];
  readonly fromUs: number;
  readonly toUs: number;
}

function noteChange(db: Db, { entity, what, fromUs, toUs }: Noted, gridMs: number, computedTo: number, nowMs: number): void {
  db.run(
    "INSERT INTO stale_windows (from_no, to_no, noted_at_ms, what, entity_id, from_us, to_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
    windowNoOf(fromUs / 1000, gridMs),
    computedTo,
    nowMs,
    what,
    entity,
    fromUs,
    toUs,
  );
}

export interface HearingChange {
  /** Row id; null = all entities. */
  readonly entity: number | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

/** Notes that it is told otherwise than before whether an entity was heard in a span. Windows not computed yet need no note. */
export function noteHearing(db: Db, { entity, fromMs, toMs, nowMs }: HearingChange): void {
  const gridMs = gridMsOf(db);
  const computedTo = computedOrReadTo(db);
  if (fromMs >= toMs || windowNoOf(fromMs, gridMs) > computedTo) return;
  noteChange(db, { entity, what: "hearing", fromUs: Math.floor(fromMs * 1000), toUs: Math.ceil(toMs * 1000) }, gridMs, computedTo, nowMs);
}

export interface LateRows {
  /** True where the row's window was computed before. */
  add(entity: number, updatedUs: number): boolean;
  /** Notes what was added: rows of one entity that follow within a grid step as one change. */
  note(nowMs: number): void;
}

/** Gathers the rows of one transaction that come after their windows were computed. */
export function gatherLateRows(db: Db): LateRows {
  const gridMs = gridMsOf(db);
  const computedTo = computedOrReadTo(db);
  const instants = new Map<number, number[]>();
  return {
    add(entity, updatedUs) {
      if (windowNoOf(updatedUs / 1000, gridMs) > computedTo) return false;
      const known = instants.get(entity);
      if (known === undefined) instants.set(entity, [updatedUs]);
      else known.push(updatedUs);
      return true;
    },
    note(nowMs) {
      for (const [entity, own] of instants) {
        own.sort((a, b) => a - b);
        const runs = runsOf(own, gridMs * 1000);
        const noted = runs.length <= MOST_RUNS ? runs : [{ fromUs: own[0]!, toUs: own.at(-1)! }];
        for (const run of noted) noteChange(db, { entity, what: "rows", ...run }, gridMs, computedTo, nowMs);
      }
    },
  };
}

/**
 * An entity with more runs in one transaction has its past fetched: rows every few minutes, whose windows meet anyway. Noted one by one, a week of
 * a large home would be a million rows, which the next pass could not hold.
 */
const MOST_RUNS = 8;

/** Sorted instants, those that follow within a step as one. */
function runsOf(sorted: readonly number[], stepUs: number): { readonly fromUs: number; readonly toUs: number }[] {
  const runs: { readonly fromUs: number; toUs: number }[] = [];
  for (const atUs of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && atUs - last.toUs <= stepUs) last.toUs = atUs;
    else runs.push({ fromUs: atUs, toUs: atUs });
  }
  return runs;
}

export function readStaleWindows(db: Db): StaleRange[] {
  return db
    .all<Omit<StaleRange, "change"> & { what: Change["what"] | null; entityId: string | null; fromUs: number; toUs: number }>(
      `SELECT s.id, s.from_no AS fromNo, s.to_no AS toNo, s.what, e.entity_id AS entityId, s.from_us AS fromUs, s.to_us AS toUs
       FROM stale_windows s LEFT JOIN entities e ON e.id = s.entity_id ORDER BY s.id`,
    )
    .map(({ id, fromNo, toNo, what, entityId, fromUs, toUs }) => ({
      id,
      fromNo,
      toNo,
      change: what === null ? null : { what, entityId, fromUs, toUs },
    }));
}

/** Forgets stale ranges that were computed again. */
export function clearStaleWindows(db: Db, input: { readonly ids: readonly number[] }): number {
  return db.run("DELETE FROM stale_windows WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(input.ids));
}
