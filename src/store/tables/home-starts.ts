import type { Db } from "../db.ts";

/** Home Assistant writes the states of all that it restores within seconds of each other. */
const AROUND_US = 5_000_000;
/** How many entities must repeat themselves; one may by chance. */
const REPEATS = 2;
/** Rows looked through for the state before; a busy home writes so many in some hours. */
const LOOK_BACK_ROWS = 20_000;
/** Entities of these domains repeat a state without a start: sensors that force their updates, clocks, events. */
const RESTLESS = [
  "sensor",
  "binary_sensor",
  "device_tracker",
  "event",
  "number",
  "button",
  "input_datetime",
  "input_boolean",
  "input_button",
];

interface Row {
  readonly entity: number;
  readonly state: string;
}

/**
 * Whether Home Assistant was starting at that instant: a start writes every restored state once more, so that several entities show the
 * same state twice in a row. An `initial` value, or one restored from before a crash, looks like a person's otherwise.
 */
export function cameWithStart(db: Db, updatedUs: number): boolean {
  const around = db.all<Row>(
    `SELECT e.entity_id AS entity, e.state FROM raw_events e JOIN entities n ON n.id = e.entity_id
     WHERE e.updated_us BETWEEN ? AND ? AND e.source <> 4 AND n.domain NOT IN (SELECT value FROM json_each(?)) ORDER BY e.updated_us DESC`,
    updatedUs - AROUND_US,
    updatedUs + AROUND_US,
    JSON.stringify(RESTLESS),
  );
  // The first of each entity's rows around: what came before that one decides.
  const first = new Map(around.map(({ entity, state }) => [entity, state]));
  if (first.size < REPEATS) return false;
  let repeats = 0;
  for (const { entity, state } of before(db, updatedUs - AROUND_US)) {
    const shown = first.get(entity);
    if (shown === undefined) continue;
    first.delete(entity);
    if (shown === state && ++repeats >= REPEATS) return true;
    if (repeats + first.size < REPEATS) return false;
  }
  return false;
}

/** The rows before an instant, newest first, a bounded number of them. */
function* before(db: Db, us: number): Generator<Row> {
  const sql = "SELECT entity_id AS entity, state FROM raw_events WHERE updated_us < ? AND source <> 4 ORDER BY updated_us DESC LIMIT ?";
  yield* db.prepare(sql).iterate(us, LOOK_BACK_ROWS) as IterableIterator<Row>;
}

export interface StartJudgement {
  readonly entityId: string;
  readonly updatedUs: number;
  readonly cameWithStart: boolean;
}

/** Keeps what was found, because the events that show it are trimmed one day. */
export function noteStarts(db: Db, judgements: readonly StartJudgement[]): number {
  let noted = 0;
  for (const { entityId, updatedUs, cameWithStart: isStart } of judgements) {
    noted += db.run(
      `UPDATE helper_changes SET came_with_start = ? WHERE updated_us = ? AND entity_id = coalesce(
         (SELECT id FROM entities WHERE entity_id = ?), (SELECT id FROM former_names WHERE entity_id = ?))`,
      isStart ? 1 : 0,
      updatedUs,
      entityId,
      entityId,
    );
  }
  return noted;
}
