import type { EventSource } from "../events/event.ts";
import { GRACE_MS, HOLD_LAST_MS } from "./definition.ts";
import { KEEP, type ValueKind, valueOfState } from "./state-value.ts";

/** The state differs from the last real one that still held: behaviour. */
export const CHANGE = 1;
/** `on` again, right after `on` and nothing between: a detector that fired once more, or a heartbeat; each definition decides. */
export const REPEATED_ON = 2;
/** An hourly statistic: feeds means and the last value, never counts, extremes, slopes or spreads. */
export const COARSE = 4;

const GRACE_US = GRACE_MS * 1000;
const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/** The stored states of one entity as columns, time order. Only the first `length` cells count. */
export interface Timeline {
  readonly entityId: string;
  readonly kind: ValueKind;
  readonly length: number;
  /** HA's last_updated, whole microseconds, strictly rising. */
  readonly atUs: Float64Array;
  /** 1 / 0, or the number; NaN = unknown from here on (the real state before still holds for the grace time). */
  readonly value: Float64Array;
  /** When the app knew it; for fetched rows the instant itself. */
  readonly knownAtMs: Float64Array;
  /** When this row and all before it were known. */
  readonly allKnownAtMs: Float64Array;
  /** CHANGE, REPEATED_ON, COARSE. */
  readonly flags: Uint8Array;
  /** Whether any row was known later than it happened; fetched ones were not. */
  readonly hasLate: boolean;
}

export interface TimelineBuilder {
  /** Adds the next stored row. @throws RangeError when it is not later than the one before. */
  push(updatedUs: number, state: string, knownAtMs: number | null, source: EventSource): void;
  /** Forgets rows before `fromUs` (a window's start minus the whole look-back), when that is worth the moving. Voids timelines given out. */
  dropBefore(fromUs: number): void;
  /** The rows so far, without a copy; it does not follow later pushes. */
  timeline(): Timeline;
}

/**
 * A row is a CHANGE when a real state within the last 7 days differs from it. The first state ever, the first after a longer
 * silence, the same state after `unavailable`, a repeated state and an anchor are none: only pairs of rows decide, so that the
 * same flags come out whatever older rows are given. States on the way (`opening`) are left out: the state before holds on.
 */
export function createTimeline(entityId: string, kind: ValueKind, capacity = 64): TimelineBuilder {
  const domain = entityId.slice(0, Math.max(0, entityId.indexOf(".")));
  let atUs = new Float64Array(capacity);
  let value = new Float64Array(capacity);
  let knownAtMs = new Float64Array(capacity);
  let allKnownAtMs = new Float64Array(capacity);
  let flags = new Uint8Array(capacity);
  let newestKnown = Number.NEGATIVE_INFINITY;
  let hasLate = false;
  let length = 0;
  let lastUs = Number.NEGATIVE_INFINITY;
  let lastRealUs = Number.NEGATIVE_INFINITY;
  let lastReal = Number.NaN;

  function grow(): void {
    const size = Math.max(64, atUs.length * 2);
    atUs = grown(atUs, new Float64Array(size));
    value = grown(value, new Float64Array(size));
    knownAtMs = grown(knownAtMs, new Float64Array(size));
    allKnownAtMs = grown(allKnownAtMs, new Float64Array(size));
    flags = grown(flags, new Uint8Array(size));
  }

  return {
    push(updatedUs, state, known, source) {
      if (!(updatedUs > lastUs)) throw new RangeError(`rows of ${entityId} must come in time order, each instant once`);
      const read = valueOfState(kind, domain, state);
      if (read === KEEP) return;
      if (length === atUs.length) grow();
      let flag = source === "statistics" ? COARSE : 0;
      if (!Number.isNaN(read) && flag === 0 && source !== "anchor" && updatedUs - lastRealUs <= HOLD_LAST_US) {
        if (read !== lastReal) flag = CHANGE;
        else if (kind === "binary" && read === 1 && lastUs === lastRealUs) flag = REPEATED_ON;
      }
      atUs[length] = updatedUs;
      value[length] = read;
      const knownMs = known ?? updatedUs / 1000;
      if (knownMs > newestKnown) newestKnown = knownMs;
      if (knownMs > updatedUs / 1000) hasLate = true;
      knownAtMs[length] = knownMs;
      allKnownAtMs[length] = newestKnown;
      flags[length] = flag;
      length += 1;
      lastUs = updatedUs;
      if (!Number.isNaN(read)) {
        lastReal = read;
        lastRealUs = updatedUs;
      }
    },
    dropBefore(fromUs) {
      const from = firstAtOrAfter(atUs, length, fromUs);
      // Moving costs what is kept: worth it once half can go.
      if (from * 2 < length) return;
      for (const column of [atUs, value, knownAtMs, allKnownAtMs, flags]) column.copyWithin(0, from, length);
      length -= from;
    },
    timeline: () => ({ entityId, kind, length, atUs, value, knownAtMs, allKnownAtMs, flags, hasLate }),
  };
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
