import { MINUTE_MS, type Zone } from "../time.ts";

/** The instant a helper's state means. */
export interface HelperMoment {
  readonly atMs: number;
  /** The second reading of a wall-clock time that the end of summer time repeats; null where there is only one. */
  readonly laterMs: number | null;
}

/** How far ahead of its own change a value may lie and still mean "now": people round up to whole minutes, and clocks differ. */
export const AHEAD_MS = 5 * MINUTE_MS;
/** A value this close to its change was set by a button that says "now". */
const NOW_MS = 2 * MINUTE_MS;
/** Between a press and the change that tells of it, on a slow machine. */
const PRESS_MS = 5_000;
/** No zone repeats more than this at once. */
const LONGEST_REPEAT_MS = 180 * MINUTE_MS;

const DATED = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/;
const TIME = /^\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads the state of an `input_datetime`: date and time, date alone (its local midnight, as HA's own `timestamp` has it), time alone (on
 * the local date of the change, a day earlier if that would lie in the future), or an instant with its offset (`input_button`).
 *
 * A skipped wall-clock time moves forward; of a repeated one the earlier is meant (Temporal's `compatible`), unless the later one is the
 * instant of the change itself.
 * @returns null when the state carries no such value.
 */
export function readHelper(state: string, changedAtMs: number, zone: Zone): HelperMoment | null {
  try {
    if (ABSOLUTE.test(state)) return { atMs: Temporal.Instant.from(state.replace(" ", "T")).epochMilliseconds, laterMs: null };
    if (DATED.test(state)) return momentOf(state.length > 10 ? state : `${state} 00:00`, changedAtMs, zone);
    if (TIME.test(state)) return onDayOfChange(state, changedAtMs, zone);
  } catch {
    // A date that no calendar has; HA never sends one, a foreign entity may.
  }
  return null;
}

/** Whether HA may have made the value up: a helper without a stored state shows midnight of the day on which HA started. */
export function looksInvented(state: string, changedAtMs: number, zone: Zone): boolean {
  if (TIME.test(state)) return isMidnight(state);
  const date = DATED.exec(state);
  if (date === null || (date[2] !== undefined && !isMidnight(date[2]))) return false;
  // HA takes the date from the clock of its container, which may run on another zone than the home.
  return Math.abs(zone.instantOf(`${date[1]} 12:00`) - changedAtMs) <= 36 * 60 * MINUTE_MS;
}

/** Whether the value is the instant of its own change: a button that was pressed just then. HA writes both within milliseconds. */
export function isPress(state: string, changedAtMs: number): boolean {
  return ABSOLUTE.test(state) && Math.abs(Date.parse(state.replace(" ", "T")) - changedAtMs) <= PRESS_MS;
}

/** Whether the value carries no date, so that the same text comes again on another day. */
export function isTimeOnly(state: string): boolean {
  return TIME.test(state);
}

/** Whether the value is a midnight, which nobody need have said. */
export function isMidnight(state: string): boolean {
  return /(?:^|[ T])00:00(?::00(?:\.0+)?)?$/.test(state);
}

function onDayOfChange(time: string, changedAtMs: number, zone: Zone): HelperMoment {
  const date = zone.dateAt(changedAtMs);
  const today = momentOf(`${date} ${time}`, changedAtMs, zone);
  if (today.atMs <= changedAtMs + AHEAD_MS) return today;
  return momentOf(`${Temporal.PlainDate.from(date).subtract({ days: 1 })} ${time}`, changedAtMs, zone);
}

function momentOf(wallClock: string, changedAtMs: number, zone: Zone): HelperMoment {
  const atMs = zone.instantOf(wallClock);
  const wallMs = atMs + zone.offsetMsAt(atMs);
  const laterMs = wallMs - zone.offsetMsAt(atMs + LONGEST_REPEAT_MS);
  if (laterMs <= atMs || laterMs + zone.offsetMsAt(laterMs) !== wallMs) return { atMs, laterMs: null };
  return Math.abs(changedAtMs - laterMs) <= NOW_MS ? { atMs: laterMs, laterMs: null } : { atMs, laterMs };
}
