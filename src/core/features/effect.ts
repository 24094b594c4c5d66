import { GRACE_MS, HOLD_LAST_MS } from "./definition.ts";
import { COARSE, firstAtOrAfter, type Timeline } from "./timeline.ts";

const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/** What became different in what is stored of an entity (null = of all). */
export interface Change {
  readonly entityId: string | null;
  /** Rows with fromUs <= instant <= toUs were added; or whether [fromUs, toUs) was heard is told otherwise than before. */
  readonly what: "rows" | "hearing";
  readonly fromUs: number;
  readonly toUs: number;
}

/** A stretch [fromUs, toUs); empty where fromUs >= toUs. */
export interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A row, or a run of rows, that may count as activity where it did not, or the other way round. */
export interface Doubt {
  readonly fromUs: number;
  readonly toUs: number;
  /** CHANGE and REPEATED_ON, as far as any row may have had them. */
  readonly flags: number;
}

/** What a change does to one entity, before any feature is asked. */
export interface Effect {
  /** Where the state may be another; numbers are summed in other pieces there even where it is the same. */
  readonly pieces: Stretch;
  /** Where the state itself may be another, or known or not. */
  readonly state: Stretch;
  /** Where whether it is known may have changed. */
  readonly knowledge: Stretch;
  readonly doubts: readonly Doubt[];
}

export const ANY_FLAG = 0xff;

export function effectOfHearing({ fromUs, toUs }: Change): Effect {
  const stretch = { fromUs, toUs };
  return { pieces: stretch, state: stretch, knowledge: stretch, doubts: [] };
}

/**
 * The effect of rows that were added at fromUs..toUs, or null when they say nothing (`opening`). What they set holds until the next real row,
 * 7 days at most; of the rows after them only that next one is compared with them. `isAdded` says whether the row of an instant came by
 * another change: what it says of the time before this one cannot be relied on.
 */
export function effectOfRows(timeline: Timeline, { fromUs, toUs }: Change, isAdded: (atUs: number) => boolean): Effect | null {
  const { atUs, value, flags, length } = timeline;
  const first = firstAtOrAfter(atUs, length, fromUs);
  if (first === length || atUs[first]! > toUs) return null;
  let next = first;
  let last = first;
  let isSteady = true;
  for (; next < length && (atUs[next]! <= toUs || Number.isNaN(value[next]!)); next++) {
    if (atUs[next]! <= toUs) last = next;
    if (Number.isNaN(value[next]!)) isSteady = false;
  }
  let before = first - 1;
  for (; before >= 0 && Number.isNaN(value[before]!); before--) isSteady = false;
  const startUs = atUs[first]!;
  const lastUs = atUs[last]!;
  const endUs = Math.min(lastUs + HOLD_LAST_US, next < length ? atUs[next]! : Number.POSITIVE_INFINITY);
  const pieces = { fromUs: startUs, toUs: endUs };
  // From a real state to the next without a break, knowledge is the same with and without the rows between.
  const canCompare = isSteady && before >= 0 && !timeline.hasCoarse && !isAdded(atUs[before]!);
  const knowledge = canCompare ? { fromUs: Math.max(startUs, atUs[before]! + HOLD_LAST_US), toUs: endUs } : pieces;
  let isSame = canCompare;
  for (let row = first; row <= last && isSame; row++) isSame = value[row] === value[before];
  const doubts: Doubt[] = [{ fromUs: startUs, toUs: lastUs, flags: first === last ? flags[first]! & ~COARSE : ANY_FLAG }];
  if (next < length && atUs[next]! - lastUs <= HOLD_LAST_US) doubts.push({ fromUs: atUs[next]!, toUs: atUs[next]!, flags: ANY_FLAG });
  return { pieces, state: isSame ? knowledge : pieces, knowledge, doubts };
}

/** So long after its last real row an entity can still be known, whatever comes. */
export const LONGEST_EFFECT_MS = HOLD_LAST_MS + GRACE_MS;
