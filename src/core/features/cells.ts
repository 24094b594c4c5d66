import { endUsOf, type Frame } from "./frame.ts";
import { rowInForce } from "./knowledge.ts";
import { addTurn, cellOf, type Lengths } from "./lengths.ts";
import type { RowCells } from "./row-cells.ts";
import type { Spans } from "./spans.ts";
import type { Timeline } from "./timeline.ts";

/** Counts the rows with one of the flags in the cell they fall in. */
export function addCounts({ flags }: Timeline, { first, end, cell }: RowCells, wanted: number, into: Float64Array): void {
  for (let row = first; row < end; row++) into[cell[row - first]!]! += (flags[row]! & wanted) === 0 ? 0 : 1;
}

/** Notes in `into` when the entity's state was known to be `wanted` (1 = on). */
export function addTimeAt(timeline: Timeline, known: Spans, wanted: number, rows: RowCells, frame: Frame, into: Lengths): void {
  const { atUs, value } = timeline;
  for (let i = 0; i < known.endUs.length; i++) {
    const startUs = known.startUs[i]!;
    const endUs = known.endUs[i]!;
    const inForce = rowInForce(timeline, startUs);
    let state = value[inForce] === wanted ? 1 : 0;
    if (state === 1) addTurn(into, frame, cellOf(frame, startUs), startUs, 1);
    for (let row = Math.max(inForce + 1, rows.first); row < rows.end && atUs[row]! < endUs; row++) {
      if (Number.isNaN(value[row]!)) continue;
      const next = value[row] === wanted ? 1 : 0;
      if (next !== state) addTurn(into, frame, rows.cell[row - rows.first]!, atUs[row]!, next - state);
      state = next;
    }
    if (state === 1) addTurn(into, frame, cellOf(frame, endUs), endUs, -1);
  }
}

/** Raises each window's instant to the last row before its end that has one of the flags (and is on, if so wanted), within `reachUs`. */
export function raiseToLast(
  timeline: Timeline,
  rows: RowCells,
  flags: number,
  onlyOn: boolean,
  reachUs: number,
  frame: Frame,
  into: Float64Array,
): void {
  const { atUs, value } = timeline;
  const counts = (row: number): boolean => (timeline.flags[row]! & flags) !== 0 && (!onlyOn || value[row] === 1);
  let row = rows.rowAt[frame.back + 1]!;
  let last = Number.NEGATIVE_INFINITY;
  const oldest = endUsOf(frame, 0) - reachUs;
  for (let before = row - 1; before >= 0 && atUs[before]! >= oldest; before--) {
    if (!counts(before)) continue;
    last = atUs[before]!;
    break;
  }
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    for (const until = rows.rowAt[frame.back + w + 1]!; row < until; row++) if (counts(row)) last = atUs[row]!;
    if (last > into[w]! && last >= end - reachUs) into[w] = last;
  }
}

/** Raises each window's instant to the end of the last stretch before its end, within `reachUs`; to the window's end inside of one. */
export function raiseToEnd(spans: Spans, reachUs: number, frame: Frame, into: Float64Array): void {
  let i = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    for (; i < spans.endUs.length && spans.startUs[i]! < end; i++) until = spans.endUs[i]!;
    const last = Math.min(until, end);
    if (last > into[w]! && last >= end - reachUs) into[w] = last;
  }
}

/** The state at each window's end, NaN where it is not known. */
export function statesNow({ value }: Timeline, known: Spans, rows: RowCells, frame: Frame, into: Float64Array): void {
  let i = 0;
  for (let w = 0; w < frame.windows; w++) {
    const end = endUsOf(frame, w);
    while (i < known.endUs.length && known.endUs[i]! < end) i += 1;
    if (i === known.endUs.length || known.startUs[i]! >= end) {
      into[w] = Number.NaN;
      continue;
    }
    let row = rows.rowAt[frame.back + w + 1]! - 1;
    while (Number.isNaN(value[row]!)) row -= 1; // a known state has a real row
    into[w] = value[row]!;
  }
}
