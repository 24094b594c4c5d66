import { endUsOf, type Frame } from "./frame.ts";
import { rowInForce } from "./knowledge.ts";
import type { Spans } from "./spans.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

/** Adds the length of each stretch to the cells it lies in, microseconds. */
export function addLengths({ startUs, endUs, length }: Spans, { gridUs, baseUs }: Frame, into: Float64Array): void {
  let c = 0;
  let cellEnd = baseUs + gridUs;
  for (let i = 0; i < length; i++) {
    let start = startUs[i]!;
    const end = endUs[i]!;
    if (start >= cellEnd) {
      c = Math.floor((start - baseUs) / gridUs);
      cellEnd = baseUs + (c + 1) * gridUs;
    }
    for (; end > cellEnd; c++, cellEnd += gridUs) {
      into[c]! += cellEnd - start;
      start = cellEnd;
    }
    into[c]! += end - start;
  }
}

/** Counts the rows with one of the flags, from `fromUs` on, in the cell they fall in. */
export function addCounts({ atUs, flags, length }: Timeline, wanted: number, frame: Frame, fromUs: number, into: Float64Array): void {
  const { gridUs, baseUs, cells } = frame;
  let row = firstAtOrAfter(atUs, length, fromUs);
  for (let c = Math.max(0, Math.floor((fromUs - baseUs) / gridUs)); c < cells; c++) {
    const cellEnd = baseUs + (c + 1) * gridUs;
    let count = 0;
    for (; row < length && atUs[row]! < cellEnd; row++) if ((flags[row]! & wanted) !== 0) count += 1;
    into[c]! += count;
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

/** Raises each window's instant to the end of the last stretch before its end, within `reachUs`; to the window's end inside of one. */
export function raiseToEnd(spans: Spans, reachUs: number, frame: Frame, into: Float64Array): void {
  let i = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    for (; i < spans.length && spans.startUs[i]! < end; i++) until = spans.endUs[i]!;
    const last = Math.min(until, end);
    if (last > into[w]! && last >= end - reachUs) into[w] = last;
  }
}

/** The state at each window's end, NaN where it is not known. */
export function statesNow(timeline: Timeline, known: Spans, frame: Frame, into: Float64Array): void {
  const { atUs, value, length } = timeline;
  const firstEnd = endUsOf(frame, 0);
  let row = firstAtOrAfter(atUs, length, firstEnd);
  const inForce = rowInForce(timeline, firstEnd - 1);
  let state = length > 0 ? value[inForce]! : Number.NaN;
  let i = 0;
  for (let w = 0; w < frame.windows; w++) {
    const end = firstEnd + w * frame.gridUs;
    for (; row < length && atUs[row]! < end; row++) if (!Number.isNaN(value[row]!)) state = value[row]!;
    while (i < known.length && known.endUs[i]! < end) i += 1;
    into[w] = i < known.length && known.startUs[i]! < end ? state : Number.NaN;
  }
}
