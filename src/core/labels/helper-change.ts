import type { Zone } from "../time.ts";
import { type HelperMoment, isMidnight, isPress, isTimeOnly, looksInvented, readHelper } from "./helper-value.ts";

export type HelperRole = "start" | "end";

/** One stored state of one of a target's two helpers. */
export interface HelperState {
  readonly role: HelperRole;
  readonly state: string;
  /** HA's `last_updated`. */
  readonly changedAtMs: number;
  /** The state that held at the start of a fetched range: its instant is the range's, not that of a change. */
  readonly isAnchor: boolean;
  readonly saidBy: string | null;
  /** Other entities repeated their states at that moment: HA started. */
  readonly cameWithStart?: boolean;
  /** Zone of the home at the time; absent or null = the one given. */
  readonly zone?: Zone | null;
}

/** A value that a helper took. */
export interface HelperMark {
  readonly role: HelperRole;
  readonly moment: HelperMoment;
  readonly raw: string;
  readonly changedAtMs: number;
  readonly saidBy: string | null;
  readonly zone: Zone;
  /** True where somebody set it; false where it was there when we first looked or came while we could not see: known, but no reason to judge the pair. */
  readonly isSaid: boolean;
}

/** HA starts all its helpers in one go: seen within 10 ms of each other, a slow machine may take longer. */
const RESTART_MS = 2_000;

type Sighting = "unknown" | "anchor" | "first" | "back" | "same" | "different";

interface Row extends HelperState {
  readonly sighting: Sighting;
  readonly moment: HelperMoment | null;
  /** The value before it that was real. */
  readonly before: string | null;
  readonly wasHeld: boolean;
  /** A button that was pressed at that very moment, or a value that HA knows who set: somebody did it, whatever else happened. */
  readonly isSure: boolean;
  /** A value that a start of HA can bring back: one it held (restored from disk), one it began with (`initial`), or midnight (made up). */
  readonly canComeBack: boolean;
}

/**
 * Which stored states of a pair of helpers were set by somebody. Everything is read from the stored sequence:
 *
 * | the row                                                              | what it is                                  |
 * |----------------------------------------------------------------------|---------------------------------------------|
 * | no value (`unknown`, `unavailable`, not a time)                      | nothing; the last value stays               |
 * | same value as before                                                 | HA restarted and restored it: nothing       |
 * | a button's instant that is the instant of the change                 | SAID, also when it is the first             |
 * | another value that HA knows a person to have set                     | SAID                                        |
 * | other value, while the other helper repeats its own within 2 s, or   | HA restarted: nothing                       |
 * | other entities of the home repeat theirs                             |                                             |
 * | other value that can come back, while the other helper's does too    | HA restarted after a crash, or `initial`    |
 * | midnight of that day, on a helper that only ever showed midnights    | HA made it up: nothing                      |
 * | any other value different from a real one before it                  | SAID                                        |
 * | the first one, one after `unavailable`, an anchor                    | known, not said; midnights and bare times   |
 * |                                                                      | are not even known (HA's own, or undated)   |
 *
 * @param states sorted by `changedAtMs`
 */
export function helperMarks(states: readonly HelperState[], zone: Zone): HelperMark[] {
  const rows = sightings(states, zone);
  const isKnown = { start: false, end: false };
  const wasSaid = { start: false, end: false };
  const marks: HelperMark[] = [];
  rows.forEach((row, at) => {
    const { role, moment } = row;
    if (moment === null || row.sighting === "same" || cameWithRestart(rows, at)) return;
    const isSaid = row.isSure || row.sighting === "different";
    if (
      isSaid &&
      !row.isSure &&
      !wasSaid[role] &&
      row.before !== null &&
      isBlank(row.before) &&
      looksInvented(row.state, row.changedAtMs, row.zone ?? zone)
    )
      return;
    if (!isSaid && (isBlank(row.state) || isTimeOnly(row.state) || (isKnown[role] && row.wasHeld))) return;
    isKnown[role] = true;
    wasSaid[role] ||= isSaid;
    marks.push({ role, moment, raw: row.state, changedAtMs: row.changedAtMs, saidBy: row.saidBy, zone: row.zone ?? zone, isSaid });
  });
  return marks;
}

function sightings(states: readonly HelperState[], zone: Zone): Row[] {
  const held = { start: new Set<string>(), end: new Set<string>() };
  const begun = { start: new Set<string>(), end: new Set<string>() };
  const before: Record<HelperRole, string | null> = { start: null, end: null };
  const wasReal = { start: false, end: false };
  return states.map((state) => {
    const { role } = state;
    const zoneThen = state.zone ?? zone;
    const moment = readHelper(state.state, state.changedAtMs, zoneThen);
    const last = before[role];
    const sighting = sightingOf(state, moment, last, wasReal[role]);
    const wasHeld = held[role].has(state.state);
    const pressed = !state.isAnchor && sighting !== "same" && last !== state.state && isPress(state.state, state.changedAtMs);
    const isByPerson = state.saidBy !== null && (sighting === "different" || sighting === "back");
    const row: Row = { ...state, sighting, moment, before: last, wasHeld, isSure: pressed || isByPerson, canComeBack: false };
    wasReal[role] = moment !== null;
    if (moment === null) return row;
    // A bare time comes again on other days by itself, so it must be one that HA itself showed at a start.
    const canRestore = isTimeOnly(state.state) ? begun[role].has(state.state) : wasHeld;
    held[role].add(state.state);
    if (sighting !== "different") begun[role].add(state.state);
    before[role] = state.state;
    return { ...row, canComeBack: canRestore || looksInvented(state.state, state.changedAtMs, zoneThen) };
  });
}

function sightingOf(state: HelperState, moment: HelperMoment | null, before: string | null, wasReal: boolean): Sighting {
  if (moment === null) return "unknown";
  if (state.isAnchor) return "anchor";
  if (before === null) return "first";
  if (!wasReal) return "back";
  return before === state.state ? "same" : "different";
}

/** Whether the row belongs to a start of HA, which shows in what the other helper did at that moment. */
function cameWithRestart(rows: readonly Row[], at: number): boolean {
  const row = rows[at]!;
  if (row.isSure || row.sighting !== "different") return false;
  if (row.cameWithStart === true) return true;
  for (const step of [-1, 1]) {
    for (let i = at + step; i >= 0 && i < rows.length; i += step) {
      const other = rows[i]!;
      if (Math.abs(other.changedAtMs - row.changedAtMs) > RESTART_MS) break;
      if (other.role === row.role || other.isSure) continue;
      if (other.sighting === "same" || other.sighting === "back") return true;
      if (row.canComeBack && (other.sighting === "first" || (other.sighting === "different" && other.canComeBack))) return true;
    }
  }
  return false;
}

/** A value nobody need have said: midnight, or a bare date, which is what HA shows for a helper that was never set. */
function isBlank(state: string): boolean {
  return isMidnight(state) || state.length === 10;
}
