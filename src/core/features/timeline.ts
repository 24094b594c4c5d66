import type { EventSource } from "../events/event.ts";
import { GRACE_MS, HOLD_LAST_MS } from "./definition.ts";
import { KEEP, type ValueKind, valueOfState } from "./state-value.ts";

/** The state differs from the last real one that still held: behaviour. */
export const CHANGE = 1;
/** `on` again, right after `on` and nothing between: a detector that fired once more, or a heartbeat; each definition decides. */
export const REPEATED_ON = 2;
/** An hourly statistic: feeds means and the last value, never counts, extremes, slopes or spreads. */
export const COARSE = 4;
/** The state at the start of a fetched range: it holds, but nothing happened then. */
const ANCHOR = 8;

const GRACE_US = GRACE_MS * 1000;
const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/** The stored states of one entity as columns, time order. Only the first `length` cells count. */
export interface Timeline {
  readonly entityId: string;
  readonly kind: ValueKind;
  readonly length: number;
  /** HA's last_updated, whole microseconds, strictly rising. */
  readonly atUs: Float64Array;
  /** 1 / 0, the number, or the state's code; NaN = unknown from here on (the real state before still holds for the grace time). */
  readonly value: Float64Array;
  /** When the app knew it; for fetched rows the instant itself. */
  readonly knownAtMs: Float64Array;
  /** When this row and all before it were known. */
  readonly allKnownAtMs: Float64Array;
  /** CHANGE, REPEATED_ON, COARSE. */
  readonly flags: Uint8Array;
  /** Whether any row was known later than it happened; fetched ones were not. */
  readonly hasLate: boolean;
  readonly hasCoarse: boolean;
}

export interface TimelineBuilder {
  /** Adds the next stored row. @throws RangeError when it is not later than the one before. */
  push(updatedUs: number, state: string, knownAtMs: number | null, source: EventSource): void;
  /**
   * Adds a stored row wherever it belongs; one that is there already, or lies before all that is remembered, changes nothing. Voids timelines
   * given out.
   */
  insert(updatedUs: number, state: string, knownAtMs: number | null, source: EventSource): void;
  /**
   * Forgets the rows before the last real one at or before `fromUs` (the earliest instant that a window will still look at), when that is worth
   * the moving. Voids timelines given out.
   */
  dropBefore(fromUs: number): void;
  /** The rows so far, without a copy; it does not follow later pushes. */
  timeline(): Timeline;
}

/**
 * A row is a CHANGE when a real state within the last 7 days differs from it. The first state ever, the first after a longer
 * silence or after an hourly statistic, the same state after `unavailable`, a repeated state and an anchor are none: only pairs of rows
 * decide, so that the same flags come out whatever older rows are given. States on the way (`opening`) are left out: the state before holds on.
 */
export function createTimeline(entityId: string, kind: ValueKind, capacity = 64): TimelineBuilder {
  const domain = entityId.slice(0, Math.max(0, entityId.indexOf(".")));
  let atUs = new Float64Array(capacity);
  let value = new Float64Array(capacity);
  let knownAtMs = new Float64Array(capacity);
  let allKnownAtMs = new Float64Array(capacity);
  let flags = new Uint8Array(capacity);
  let hasLate = false;
  let hasCoarse = false;
  let isForgetful = false;
  let length = 0;
  let lastReal = -1;

  function grow(): void {
    // By half, not twofold: thousands of these are held for as long as the app lives.
    const size = Math.max(64, Math.ceil(atUs.length * 1.5));
    atUs = grown(atUs, new Float64Array(size));
    value = grown(value, new Float64Array(size));
    knownAtMs = grown(knownAtMs, new Float64Array(size));
    allKnownAtMs = grown(allKnownAtMs, new Float64Array(size));
    flags = grown(flags, new Uint8Array(size));
  }

  function write(row: number, updatedUs: number, read: number, known: number | null, source: EventSource): void {
    const knownMs = known ?? updatedUs / 1000;
    atUs[row] = updatedUs;
    value[row] = read;
    knownAtMs[row] = knownMs;
    flags[row] = source === "statistics" ? COARSE : source === "anchor" ? ANCHOR : 0;
    if (knownMs > updatedUs / 1000) hasLate = true;
    if (source === "statistics") hasCoarse = true;
  }

  /** Flags of a row whose last real row before is `real` (-1: none). */
  function judge(row: number, real: number): void {
    const kept = flags[row]! & (COARSE | ANCHOR);
    flags[row] = kept;
    const read = value[row]!;
    if (kept !== 0 || Number.isNaN(read) || real < 0 || (flags[real]! & COARSE) !== 0 || atUs[row]! - atUs[real]! > HOLD_LAST_US) return;
    if (read !== value[real]) flags[row] = CHANGE;
    else if (kind === "binary" && read === 1 && real === row - 1) flags[row] = REPEATED_ON;
  }

  function realBefore(row: number): number {
    let real = row - 1;
    while (real >= 0 && Number.isNaN(value[real]!)) real -= 1;
    return real;
  }

  const builder: TimelineBuilder = {
    push(updatedUs, state, known, source) {
      if (length > 0 && !(updatedUs > atUs[length - 1]!))
        throw new RangeError(`rows of ${entityId} must come in time order, each instant once`);
      const read = valueOfState(kind, domain, state);
      if (read === KEEP) return;
      if (length === atUs.length) grow();
      write(length, updatedUs, read, known, source);
      judge(length, lastReal);
      const knownMs = knownAtMs[length]!;
      allKnownAtMs[length] = length > 0 && allKnownAtMs[length - 1]! > knownMs ? allKnownAtMs[length - 1]! : knownMs;
      if (!Number.isNaN(read)) lastReal = length;
      length += 1;
    },
    insert(updatedUs, state, known, source) {
      const at = firstAtOrAfter(atUs, length, updatedUs);
      if (at === length) return builder.push(updatedUs, state, known, source);
      if (atUs[at] === updatedUs || (at === 0 && isForgetful)) return;
      const read = valueOfState(kind, domain, state);
      if (read === KEEP) return;
      if (length === atUs.length) grow();
      for (const column of [atUs, value, knownAtMs, allKnownAtMs, flags]) column.copyWithin(at + 1, at, length);
      length += 1;
      write(at, updatedUs, read, known, source);
      judge(at, realBefore(at));
      let next = at + 1;
      while (next < length && Number.isNaN(value[next]!)) next += 1;
      if (next < length) judge(next, realBefore(next));
      for (let row = at; row < length; row++) {
        allKnownAtMs[row] = row > 0 ? Math.max(allKnownAtMs[row - 1]!, knownAtMs[row]!) : knownAtMs[row]!;
      }
      lastReal = realBefore(length);
    },
    dropBefore(fromUs) {
      let from = firstAtOrAfter(atUs, length, fromUs);
      if (from === length || atUs[from] !== fromUs || Number.isNaN(value[from]!)) from = Math.max(0, realBefore(from));
      // Moving costs what is kept: worth it once half can go.
      if (from === 0 || from * 2 < length) return;
      for (const column of [atUs, value, knownAtMs, allKnownAtMs, flags]) column.copyWithin(0, from, length);
      length -= from;
      isForgetful = true;
      lastReal = realBefore(length);
    },
    timeline: () => ({ entityId, kind, length, atUs, value, knownAtMs, allKnownAtMs, flags, hasLate, hasCoarse }),
  };
  return builder;
}

function grown<Column extends Float64Array | Uint8Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}

/** Index of the first of the first `length` sorted cells that is >= `bar`; `length` when there is none. */
export function firstAtOrAfter(sorted: Float64Array, length: number, bar: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < bar) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When the knowledge of row `index` (a real one) ends if no real row comes: 7 days, or the grace time after the first unknown one. */
export function knownUntilUs({ atUs, value, length }: Timeline, index: number): number {
  const heldUs = atUs[index]! + HOLD_LAST_US;
  const next = index + 1;
  return next < length && Number.isNaN(value[next]!) ? Math.min(heldUs, atUs[next]! + GRACE_US) : heldUs;
}
