import { windowNoOf } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { entityIndex } from "./entities.ts";
import { computedOrReadTo, noteStaleWindows } from "./events.ts";
import { getMetadata, setHealth } from "./metadata.ts";

/** `open` = still to be fetched; `partly` = only the newest state is known; `lost` = cannot be known any more. */
export type GapOutcome = "open" | "filled" | "partly" | "lost";

/** A span in which the app did not listen. Identity: entity + fromMs + reason; noting it again replaces the rest. */
export interface StoredGap {
  /** Null = all entities. */
  readonly entityId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
  readonly outcome: GapOutcome;
}

/** Notes a gap or what became of it. Windows over it are computed again, because what is known of them has changed. */
export function putGap(db: Db, input: StoredGap & { readonly nowMs: number }): number {
  const entity = input.entityId === null ? null : entityIndex(db).of(input.entityId, input.nowMs).id;
  const fromMs = Math.floor(input.fromMs);
  const written = db.run(
    `INSERT INTO gaps (entity_id, from_ms, to_ms, reason, outcome, noted_at_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (coalesce(entity_id, 0), from_ms, reason) DO UPDATE SET to_ms = excluded.to_ms, outcome = excluded.outcome, noted_at_ms = excluded.noted_at_ms
     WHERE to_ms <> excluded.to_ms OR outcome <> excluded.outcome`,
    entity,
    fromMs,
    Math.ceil(input.toMs),
    input.reason,
    input.outcome,
    input.nowMs,
  );
  if (written === 0) return 0;
  const fromNo = windowNoOf(fromMs, Number(getMetadata(db, "grid_ms") ?? 300_000));
  const toNo = computedOrReadTo(db);
  if (fromNo <= toNo) noteStaleWindows(db, { fromNo, toNo, nowMs: input.nowMs });
  setHealth(db, { gaps_open: db.get<{ n: number }>("SELECT COUNT(*) AS n FROM gaps WHERE outcome = 'open'")!.n });
  return written;
}

/** Gaps with one of these outcomes that touch [fromMs, toMs). */
export function readGaps(
  db: Db,
  outcomes: readonly GapOutcome[],
  fromMs = Number.MIN_SAFE_INTEGER,
  toMs = Number.MAX_SAFE_INTEGER,
): StoredGap[] {
  return db.all(
    `SELECT e.entity_id AS entityId, g.from_ms AS fromMs, g.to_ms AS toMs, g.reason, g.outcome FROM gaps g LEFT JOIN entities e ON e.id = g.entity_id
     WHERE g.outcome IN (SELECT value FROM json_each(?)) AND g.to_ms > ? AND g.from_ms < ? ORDER BY g.from_ms`,
    JSON.stringify(outcomes),
    Math.floor(fromMs),
    Math.ceil(toMs),
  );
}
