import { endUsOf, type Frame } from "./frame.ts";
import type { Spans } from "./spans.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

/** Adds the length of each stretch to the cells it lies in, microseconds; with `value`, only of those whose row has that value. */
export function addLengths(spans: Spans, frame: Frame, into: Float64Array, values?: Float64Array, wanted = 1): void {
  const { gridUs, baseUs } = frame;
  let c = 0;
  let cellEnd = baseUs + gridUs;
  for (let i = 0; i < spans.length; i++) {
    if (values !== undefined && values[spans.row[i]!] !== wanted) continue;
    let start = spans.startUs[i]!;
    const end = spans.endUs[i]!;
    if (start >= cellEnd) {
      c = Math.floor((start - baseUs) / gridUs);
      cellEnd = baseUs + (c + 1) * gridUs;
    }
    while (end > cellEnd) {
      into[c]! += cellEnd - start;
      start = cellEnd;
      c += 1;
      cellEnd += gridUs;
    }
    into[c]! += end - start;
  }
}

/** Counts the rows with one of the flags in the cell they fall in. */
export function addCounts(timeline: Timeline, flags: number, frame: Frame, fromUs: number, into: Float64Array): void {
  const { gridUs, baseUs } = frame;
  const { atUs } = timeline;
  const end = firstAtOrAfter(atUs, timeline.length, endUsOf(frame, frame.windows - 1));
  let c = 0;
  let cellEnd = baseUs + gridUs;
  for (let row = firstAtOrAfter(atUs, timeline.length, fromUs); row < end; row++) {
    if ((timeline.flags[row]! & flags) === 0) continue;
    if (atUs[row]! >= cellEnd) {
      c = Math.floor((atUs[row]! - baseUs) / gridUs);
      cellEnd = baseUs + (c + 1) * gridUs;
    }
    into[c]! += 1;
  }
}

/** Raises each window's instant to the last row before its end that has one of the flags (and is on, if so wanted), within `reachUs`. */
export function raiseToLast(timeline: Timeline, flags: number, onlyOn: boolean, reachUs: number, frame: Frame, into: Float64Array): void {
  const { atUs, value, length } = timeline;
  const counts = (row: number): boolean => (timeline.flags[row]! & flags) !== 0 && (!onlyOn || value[row] === 1);
  let row = firstAtOrAfter(atUs, length, endUsOf(frame, 0));
  let last = Number.NEGATIVE_INFINITY;
  const oldest = endUsOf(frame, 0) - reachUs;
  for (let before = row - 1; before >= 0 && atUs[before]! >= oldest; before--) {
    if (!counts(before)) continue;
    last = atUs[before]!;
    break;
  }
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    for (; row < length && atUs[row]! < end; row++) if (counts(row)) last = atUs[row]!;
    if (last > into[w]! && last >= end - reachUs) into[w] = last;
  }
}

/** Raises each window's instant to the last one before its end at which the entity was known to be on; to the end itself while it is. */
export function raiseToOn(spans: Spans, values: Float64Array, reachUs: number, frame: Frame, into: Float64Array): void {
  let i = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    for (; i < spans.length && spans.startUs[i]! < end; i++) if (values[spans.row[i]!] === 1) until = spans.endUs[i]!;
    const last = Math.min(until, end);
    if (last > into[w]! && last >= end - reachUs) into[w] = last;
  }
}

/** The state at each window's end, NaN where it is not known. */
export function statesNow(spans: Spans, values: Float64Array, frame: Frame, into: Float64Array): void {
  let i = -1;
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    while (i + 1 < spans.length && spans.startUs[i + 1]! < end) i += 1;
    into[w] = i >= 0 && spans.endUs[i]! >= end ? values[spans.row[i]!]! : Number.NaN;
  }
}
