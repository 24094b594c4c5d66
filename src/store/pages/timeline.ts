import type { Db } from "../db.ts";
import { idsOfEntities } from "./entities.ts";
import { walkBack } from "./events.ts";

export interface TimelineQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly entities: readonly string[];
  readonly areas: readonly string[];
  /** No state is known to hold beyond it. */
  readonly nowMs: number;
  /** Bands that a lane has at most: what is narrower than one of so many parts of the range is drawn together. */
  readonly columns: number;
}

/** The state that held over [fromMs, toMs); several of them, too short to be drawn apart, have no state and say how many they are. */
export interface Band {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: string | null;
  readonly changes: number;
}

export interface Lane {
  readonly entityId: string;
  readonly name: string | null;
  readonly area: string | null;
  readonly kind: string | null;
  readonly unit: string | null;
  readonly bands: readonly Band[];
}

export interface Timeline {
  readonly lanes: readonly Lane[];
  /** What lies before was not looked at, so as not to hold up others; ask again with this as the end. Null = all was. */
  readonly reachedMs: number | null;
  /** Entities beyond the first `MOST_LANES`. */
  readonly lanesLeftOut: number;
}

const MOST_LANES = 50;
const WALKED = 25_000;
/** How far back the state in force at the start is looked for. */
const WALKED_BEFORE = 10_000;

interface EntityRow {
  readonly id: number;
  readonly entityId: string;
  readonly name: string | null;
  readonly area: string | null;
  readonly kind: string | null;
  readonly unit: string | null;
  readonly state: string | null;
  readonly updatedUs: number | null;
}

type Step = readonly [entity: number, atMs: number, state: string];

/** The states of some entities over a range, lane by lane. */
export function readTimeline(db: Db, query: TimelineQuery): Timeline {
  const ids = idsOfEntities(db, query.entities, query.areas);
  const shown = JSON.stringify(ids.slice(0, MOST_LANES));
  const walk = walkBack(db, query.fromMs * 1000, query.toMs * 1000, WALKED);
  const fromMs = walk.isWhole ? query.fromMs : Math.ceil(walk.fromUs / 1000);
  const entities = db.all<EntityRow>(
    `SELECT id, entity_id AS entityId, name, area, kind, unit, state, state_updated_us AS updatedUs FROM entities
     WHERE id IN (SELECT value FROM json_each(?)) ORDER BY area, entity_id`,
    shown,
  );
  const heldToMs = Math.min(query.toMs, query.nowMs);
  const steps = Map.groupBy(stepsIn(db, shown, fromMs * 1000, heldToMs * 1000), ([entity]) => entity);
  const before = statesBefore(db, shown, fromMs * 1000, entities);
  const narrowestMs = (query.toMs - query.fromMs) / query.columns;
  return {
    lanes: entities.map(({ id, entityId, name, area, kind, unit }) => {
      const first = before.get(id);
      const all: Step[] = [...(first === undefined ? [] : [[id, fromMs, first] as const]), ...(steps.get(id) ?? [])];
      return { entityId, name, area, kind, unit, bands: heldToMs > fromMs ? bandsOf(all, heldToMs, narrowestMs) : [] };
    }),
    reachedMs: walk.isWhole ? null : fromMs,
    lanesLeftOut: Math.max(0, ids.length - MOST_LANES),
  };
}

function stepsIn(db: Db, ids: string, fromUs: number, toUs: number): Step[] {
  return db
    .prepare(
      // The entity is asked for first: of most rows nothing else is looked at.
      `SELECT entity_id, updated_us / 1000, state FROM raw_events WHERE entity_id IN (SELECT value FROM json_each(?))
       AND updated_us >= ? AND updated_us < ? AND source <> 2 ORDER BY updated_us`,
    )
    .raw(true)
    .all(ids, fromUs, toUs) as Step[];
}

/** The newest state of each before an instant: from its own row where that is older, else from the rows shortly before. */
function statesBefore(db: Db, ids: string, beforeUs: number, entities: readonly EntityRow[]): Map<number, string> {
  const known = new Map<number, string>();
  for (const { id, state, updatedUs } of entities) if (state !== null && updatedUs !== null && updatedUs < beforeUs) known.set(id, state);
  const { fromUs } = walkBack(db, 0, beforeUs, WALKED_BEFORE);
  for (const [entity, , state] of stepsIn(db, ids, fromUs, beforeUs)) known.set(entity, state);
  return known;
}

/** Steps of one entity in time order, as bands up to the end of the range. */
export function bandsOf(steps: readonly Step[], toMs: number, narrowestMs: number): Band[] {
  const whole: Band[] = [];
  for (const [, atMs, state] of steps) {
    const last = whole.at(-1);
    if (last?.state === state) continue;
    if (last !== undefined) whole[whole.length - 1] = { ...last, toMs: atMs };
    whole.push({ fromMs: atMs, toMs, state, changes: 1 });
  }
  const drawn: Band[] = [];
  for (const band of whole) {
    const last = drawn.at(-1);
    const isNarrow = band.toMs - band.fromMs < narrowestMs;
    const joins =
      last !== undefined &&
      isNarrow &&
      (last.toMs - last.fromMs < narrowestMs || (last.state === null && band.toMs - last.fromMs < 2 * narrowestMs));
    if (joins) drawn[drawn.length - 1] = { fromMs: last.fromMs, toMs: band.toMs, state: null, changes: last.changes + band.changes };
    else drawn.push(band);
  }
  return drawn;
}
