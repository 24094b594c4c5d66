import { EVENT_SOURCES } from "../../core/events/event.ts";
import type { Db } from "../db.ts";
import { getMetadata } from "./metadata.ts";
import { ON_OFF_INSTANTS } from "./models.ts";

/** A stored state of an entity, or of one attribute of it (`climate.x#temperature`). */
export interface PastState {
  readonly entityId: string;
  readonly state: string;
  readonly updatedUs: number;
}

const PAGE = 10_000;
const NOT_STATES = [EVENT_SOURCES.indexOf("statistics")];

/** Stored states of [fromMs, toMs) in time order, read in pages; of one entity alone where it is named. */
export function* readPastStates(db: Db, fromMs: number, toMs: number, entityId: string | null = null): Generator<PastState> {
  let afterUs = Math.floor(fromMs * 1000) - 1;
  for (;;) {
    const rows = db.all<PastState>(
      `SELECT e.entity_id AS entityId, r.state, r.updated_us AS updatedUs FROM raw_events AS r JOIN entities AS e ON e.id = r.entity_id
       WHERE r.updated_us > ? AND r.updated_us < ? AND r.source NOT IN (${NOT_STATES.join(", ")}) AND e.entity_id = coalesce(?, e.entity_id) ORDER BY r.updated_us LIMIT ${PAGE}`,
      afterUs,
      Math.floor(toMs * 1000),
      entityId,
    );
    // Rows of one instant stay together: the next page begins behind the last whole instant.
    const lastUs = rows.at(-1)?.updatedUs ?? 0;
    const whole = rows.length < PAGE ? rows : rows.filter((row) => row.updatedUs < lastUs);
    yield* whole;
    if (rows.length < PAGE || whole.length === 0) return;
    afterUs = whole.at(-1)!.updatedUs;
  }
}

export interface PastPrediction {
  readonly targetName: string;
  readonly windowEndMs: number;
  /** When it was made. */
  readonly predictedAtMs: number;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  readonly sinceMs: number | null;
  readonly foundAtMs: number | null;
  readonly stage: string | null;
  readonly reason: string | null;
}

/** Predictions of windows that end in [fromMs, toMs), in the order in which they were made. */
export function readPastPredictions(db: Db, fromMs: number, toMs: number): PastPrediction[] {
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  return db
    .all<Omit<PastPrediction, "isOn"> & { isOn: number | null }>(
      `SELECT t.name AS targetName, p.window_no * ? AS windowEndMs, p.predicted_at_ms AS predictedAtMs, p.probability, p.is_on AS isOn, p.stage,
              p.unavailable_reason AS reason, ${ON_OFF_INSTANTS}
       FROM targets AS t JOIN predictions AS p ON p.target_id = t.target_id WHERE p.window_no >= ? AND p.window_no < ?
       ORDER BY p.predicted_at_ms, p.window_no, t.position`,
      gridMs,
      Math.ceil(fromMs / gridMs),
      Math.ceil(toMs / gridMs),
    )
    .map((row) => ({ ...row, isOn: row.isOn === null ? null : row.isOn === 1 }));
}

/** The oldest and the newest stored instant, ms, or null. */
export function storedSpan(db: Db): { readonly fromMs: number; readonly toMs: number } | null {
  const found = db.get<{ fromUs: number | null; toUs: number }>(
    "SELECT (SELECT MIN(updated_us) FROM raw_events) AS fromUs, (SELECT MAX(updated_us) FROM raw_events) AS toUs",
  );
  return found === undefined || found.fromUs === null ? null : { fromMs: found.fromUs / 1000, toMs: found.toUs / 1000 };
}
