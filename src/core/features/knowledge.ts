import { addSpan, createSpans, type Spans } from "./spans.ts";
import { firstAtOrAfter, knownUntilUs, type Timeline } from "./timeline.ts";

/** When an entity's state is known. */
export interface Knowledge {
  /** One stretch for each row that sets the state. */
  readonly states: Spans;
  /** The same time, touching stretches joined. */
  readonly known: Spans;
}

export function createKnowledge(): Knowledge {
  return { states: createSpans(1024), known: createSpans(64) };
}

/**
 * Fills in the stretches of [fromUs, toUs) in which the entity's state is known, each with the row that set it: from the row to the next
 * real state, the end of the grace time or of 7 days; never inside a gap. A state that held before a gap holds after it: had it changed,
 * the repair after the gap would have stored a row.
 */
export function fillKnowledge({ states, known }: Knowledge, timeline: Timeline, fromUs: number, toUs: number, gaps: Spans): void {
  const { atUs, value } = timeline;
  states.length = 0;
  known.length = 0;
  const end = firstAtOrAfter(atUs, timeline.length, toUs);
  let gap = 0;
  for (let row = firstRow(timeline, fromUs); row < end; row++) {
    if (Number.isNaN(value[row]!)) continue;
    let start = Math.max(fromUs, atUs[row]!);
    const until = Math.min(toUs, knownUntilUs(timeline, row));
    while (gap < gaps.length && gaps.endUs[gap]! <= start) gap += 1;
    for (let inside = gap; inside < gaps.length && gaps.startUs[inside]! < until; inside++) {
      if (gaps.startUs[inside]! > start) addKnown(states, known, start, gaps.startUs[inside]!, row);
      start = gaps.endUs[inside]!;
    }
    if (until > start) addKnown(states, known, start, until, row);
  }
}

function addKnown(states: Spans, known: Spans, startUs: number, endUs: number, row: number): void {
  addSpan(states, startUs, endUs, row);
  addSpan(known, startUs, endUs, -1);
}

/** The last real row at or before `fromUs`, whose state may hold into the range; the first row when there is none. */
function firstRow(timeline: Timeline, fromUs: number): number {
  let row = firstAtOrAfter(timeline.atUs, timeline.length, fromUs);
  if (row < timeline.length && timeline.atUs[row] === fromUs) row += 1;
  while (row > 0) {
    row -= 1;
    if (!Number.isNaN(timeline.value[row]!)) return row;
  }
  return 0;
}
