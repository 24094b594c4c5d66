import { addCounts, addTimeAt, raiseToEnd, raiseToLast, statesNow } from "./cells.ts";
import type { Frame } from "./frame.ts";
import type { Group } from "./group.ts";
import { stretchesAt } from "./knowledge.ts";
import { addStretches, createLengths, type Lengths, settleLengths } from "./lengths.ts";
import type { Pool } from "./pool.ts";
import type { RowCells } from "./row-cells.ts";
import { type Spans, unionOfAll } from "./spans.ts";
import { CHANGE, REPEATED_ON, type Timeline } from "./timeline.ts";

/** What a group gathers, member by member: per cell microseconds and counts, per window instants and numbers of members. */
export interface GroupSums {
  /** Known time of all members together. */
  readonly known: Lengths;
  readonly counts: Float64Array;
  /** Time in which any member was on; in which any of several was known. */
  readonly anyOn: Lengths;
  readonly anyKnown: Lengths;
  readonly lastActivityUs: Float64Array;
  readonly lastOnUs: Float64Array;
  readonly lastDoorUs: Float64Array;
  readonly lastTurnOnUs: Float64Array;
  /** The only member's state at the window's end; of several, how many are known and how many of those are off. */
  readonly stateNow: Float64Array;
  readonly knownNow: Float64Array;
  readonly offNow: Float64Array;
  readonly onSpans: Spans[];
  readonly knownSpans: Spans[];
}

export function createSums({ needs, entities }: Group, frame: Frame, pool: Pool): GroupSums {
  const counts = (wanted: boolean): Float64Array => pool.take(wanted ? frame.windows : 0);
  const instants = (wanted: boolean): Float64Array => counts(wanted).fill(Number.NEGATIVE_INFINITY);
  return {
    known: createLengths(frame, pool, true),
    counts: pool.take(needs.counts ? frame.cells : 0),
    anyOn: createLengths(frame, pool, needs.onTime),
    anyKnown: createLengths(frame, pool, needs.onTime && entities.length > 1),
    lastActivityUs: instants(needs.lastActivity),
    lastOnUs: instants(needs.lastOn),
    lastDoorUs: instants(needs.lastDoor),
    lastTurnOnUs: instants(needs.lastDoor),
    stateNow: counts(needs.state),
    knownNow: counts(needs.away),
    offNow: counts(needs.away),
    onSpans: [],
    knownSpans: [],
  };
}

export function releaseSums(sums: GroupSums, pool: Pool): void {
  const { known, anyOn, anyKnown, onSpans: _, knownSpans: __, ...columns } = sums;
  const lengths = [known, anyOn, anyKnown].flatMap(({ cells, turns }) => [cells, turns]);
  for (const column of [...lengths, ...Object.values(columns)]) pool.giveBack(column);
}

/** An entity as a group sees it from `fromUs` on: its rows, and when its state is known (measured, where the group wants that). */
export interface Member {
  readonly timeline: Timeline;
  readonly fromUs: number;
  readonly known: Spans;
  readonly rows: RowCells;
}

export function addMember(sums: GroupSums, group: Group, member: Member, frame: Frame, pool: Pool): void {
  const { timeline, fromUs, known, rows } = member;
  const { needs } = group;
  const reachUs = needs.reachMs * 1000;
  const activity = group.repeating.has(timeline.entityId) ? CHANGE | REPEATED_ON : CHANGE;
  addStretches(sums.known, frame, known, fromUs);
  if (needs.counts) addCounts(timeline, rows, activity, sums.counts);
  if (needs.lastActivity) raiseToLast(timeline, rows, activity, false, reachUs, frame, sums.lastActivityUs);
  if (needs.lastDoor) {
    if (group.doors.has(timeline.entityId)) raiseToLast(timeline, rows, CHANGE, false, reachUs, frame, sums.lastDoorUs);
    else raiseToLast(timeline, rows, activity, true, reachUs, frame, sums.lastTurnOnUs);
  }
  if (needs.lastOn) raiseToEnd(stretchesAt(timeline, known, 1), reachUs, frame, sums.lastOnUs);
  if (needs.onTime && group.entities.length === 1) addTimeAt(timeline, known, group.onValue, rows, frame, sums.anyOn);
  else if (needs.onTime) {
    sums.onSpans.push(stretchesAt(timeline, known, group.onValue));
    sums.knownSpans.push(known);
  }
  if (needs.state) statesNow(timeline, known, rows, frame, sums.stateNow);
  if (needs.away) addAway(sums, member, frame, pool);
}

function addAway(sums: GroupSums, { timeline, known, rows }: Member, frame: Frame, pool: Pool): void {
  const states = pool.take(frame.windows);
  statesNow(timeline, known, rows, frame, states);
  for (let w = 0; w < frame.windows; w++) {
    const state = states[w]!;
    if (Number.isNaN(state)) continue;
    sums.knownNow[w]! += 1;
    if (state === 0) sums.offNow[w]! += 1;
  }
  pool.giveBack(states);
}

/** After the last member: from beginnings and ends to lengths, and the time any of several members was on or known. */
export function closeSums(sums: GroupSums, group: Group, frame: Frame, fromUs: number): void {
  settleLengths(sums.known, frame);
  if (!group.needs.onTime) return;
  addStretches(sums.anyOn, frame, unionOfAll(sums.onSpans), fromUs);
  settleLengths(sums.anyOn, frame);
  addStretches(sums.anyKnown, frame, unionOfAll(sums.knownSpans), fromUs);
  settleLengths(sums.anyKnown, frame);
}
