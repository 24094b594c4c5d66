import { HOLD_LAST_MS } from "./definition.ts";
import { addSpan, createSpans, type Spans, subtract } from "./spans.ts";
import { COARSE, firstAtOrAfter, knownUntilUs, type Timeline } from "./timeline.ts";

const HOLD_LAST_US = HOLD_LAST_MS * 1000;

/**
 * The stretches of [fromUs, toUs) in which the entity's state is known: from a real row to the end of its grace time or of 7 days, on and
 * on while the next real state comes in time; never inside a gap. A state that held before a gap holds after it: had it changed, the
 * repair after the gap would have stored a row.
 */
export function knownStretches(timeline: Timeline, fromUs: number, toUs: number, gaps: Spans): Spans {
  const { atUs, value } = timeline;
  const known = createSpans();
  const end = firstAtOrAfter(atUs, timeline.length, toUs);
  for (let row = rowInForce(timeline, fromUs); row < end; row++) {
    if (Number.isNaN(value[row]!)) continue;
    const startUs = Math.max(fromUs, atUs[row]!);
    while (row + 1 < end && !Number.isNaN(value[row + 1]!) && atUs[row + 1]! - atUs[row]! <= HOLD_LAST_US) row += 1;
    const untilUs = Math.min(toUs, knownUntilUs(timeline, row));
    if (untilUs > startUs) addSpan(known, startUs, untilUs);
  }
  return subtract(known, gaps);
}

/** The last real row at or before an instant; the first row when there is none. */
export function rowInForce({ atUs, value, length }: Timeline, instantUs: number): number {
  let row = firstAtOrAfter(atUs, length, instantUs);
  if (row < length && atUs[row] === instantUs) row += 1;
  while (row > 0) {
    row -= 1;
    if (!Number.isNaN(value[row]!)) return row;
  }
  return 0;
}

/** The part of the known stretches in which a measured state held, not the mean of an hour. */
export function measuredStretches(timeline: Timeline, known: Spans): Spans {
  const { atUs, value, flags, length, hasCoarse } = timeline;
  if (!hasCoarse || known.endUs.length === 0) return known;
  const toUs = known.endUs[known.endUs.length - 1]!;
  const coarse = createSpans();
  for (let row = rowInForce(timeline, known.startUs[0]!); row < length && atUs[row]! < toUs; row++) {
    if ((flags[row]! & COARSE) === 0 || Number.isNaN(value[row]!)) continue;
    let next = row + 1;
    while (next < length && Number.isNaN(value[next]!)) next += 1;
    addSpan(coarse, atUs[row]!, next < length ? atUs[next]! : toUs);
  }
  return subtract(known, coarse);
}

/** The part of the known stretches in which the entity's state was `wanted` (1 = on). */
export function stretchesAt(timeline: Timeline, known: Spans, wanted: number): Spans {
  const { atUs, value, length } = timeline;
  const on = createSpans();
  for (let i = 0; i < known.endUs.length; i++) {
    const endUs = known.endUs[i]!;
    let startUs = known.startUs[i]!;
    let row = rowInForce(timeline, startUs);
    let isOn = value[row] === wanted;
    for (row += 1; row < length && atUs[row]! < endUs; row++) {
      const next = value[row]!;
      if (!Number.isNaN(next) && isOn !== (next === wanted)) {
        if (isOn) addSpan(on, startUs, atUs[row]!);
        startUs = atUs[row]!;
        isOn = !isOn;
      }
    }
    if (isOn) addSpan(on, startUs, endUs);
  }
  return on;
}
