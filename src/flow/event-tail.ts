import { isUnknownState } from "../core/events/event.ts";
import type { Db } from "../store/db.ts";
import { readEvents } from "../store/tables/events.ts";

/** Cutting has a price, so it waits until there is something to cut. */
const LEAST_WORTH_CUTTING = 64;

/** The stored sequence of one entity, oldest first. */
export interface EntitySequence {
  readonly atMs: number[];
  readonly states: string[];
  readonly knownAtMs: number[];
  readonly isAnchor: boolean[];
}

/** The newest events by entity row id, so that a pass reads only what came since the one before it. */
export interface EventTail {
  readonly sequences: ReadonlyMap<number, EntitySequence>;
  /** Everything up to here is in it. */
  readonly toMs: number;
}

/** Reads [fromMs, toMs) into sequences; only the entities wanted. */
export function readSequences(db: Db, wanted: ReadonlySet<number>, fromMs: number, toMs: number): Map<number, EntitySequence> {
  const sequences = new Map<number, EntitySequence>();
  const rows = readEvents(db, fromMs, toMs);
  for (let i = 0; i < rows.atMs.length; i += 1) {
    const entity = rows.entityIds[i]!;
    if (!wanted.has(entity)) continue;
    let sequence = sequences.get(entity);
    if (sequence === undefined) {
      sequence = { atMs: [], states: [], knownAtMs: [], isAnchor: [] };
      sequences.set(entity, sequence);
    }
    sequence.atMs.push(rows.atMs[i]!);
    sequence.states.push(rows.states[i]!);
    sequence.knownAtMs.push(rows.knownAtMs[i]!);
    sequence.isAnchor.push(rows.isAnchor[i]!);
  }
  return sequences;
}

/** The tail with what came since, without the rows that can change no window that looks back to `keepFromMs` at the furthest. */
export function advanceTail(db: Db, tail: EventTail, wanted: ReadonlySet<number>, toMs: number, keepFromMs: number): EventTail {
  const sequences = new Map(tail.sequences);
  for (const [entity, added] of readSequences(db, wanted, tail.toMs, toMs)) {
    const known = sequences.get(entity);
    if (known === undefined) sequences.set(entity, added);
    else {
      known.atMs.push(...added.atMs);
      known.states.push(...added.states);
      known.knownAtMs.push(...added.knownAtMs);
      known.isAnchor.push(...added.isAnchor);
    }
  }
  for (const sequence of sequences.values()) cut(sequence, keepFromMs);
  return { sequences, toMs };
}

/** Rows before the look-back matter only as the state that holds at its start: from the last real one before it, with the unknown ones behind. */
function cut(sequence: EntitySequence, keepFromMs: number): void {
  let first = 0;
  while (first < sequence.atMs.length && sequence.atMs[first]! < keepFromMs) first += 1;
  let holds = first - 1;
  while (holds > 0 && isUnknownState(sequence.states[holds]!)) holds -= 1;
  if (holds < LEAST_WORTH_CUTTING) return;
  for (const column of [sequence.atMs, sequence.states, sequence.knownAtMs, sequence.isAnchor]) column.splice(0, holds);
}
