/** Stretches of time [startUs, endUs), sorted and disjoint; `row` is where a stretch took its state from (-1 = from none). Only the first `length` count. */
export interface Spans {
  startUs: Float64Array;
  endUs: Float64Array;
  row: Int32Array;
  length: number;
}

export function createSpans(capacity: number): Spans {
  return { startUs: new Float64Array(capacity), endUs: new Float64Array(capacity), row: new Int32Array(capacity), length: 0 };
}

/** Adds a stretch at the end; one that touches the last and comes from the same row makes it longer. */
export function addSpan(spans: Spans, startUs: number, endUs: number, row: number): void {
  const last = spans.length - 1;
  if (last >= 0 && spans.row[last] === row && spans.endUs[last]! >= startUs) {
    if (endUs > spans.endUs[last]!) spans.endUs[last] = endUs;
    return;
  }
  if (spans.length === spans.startUs.length) grow(spans);
  spans.startUs[spans.length] = startUs;
  spans.endUs[spans.length] = endUs;
  spans.row[spans.length] = row;
  spans.length += 1;
}

function grow(spans: Spans): void {
  const wider = createSpans(Math.max(64, spans.startUs.length * 2));
  wider.startUs.set(spans.startUs);
  wider.endUs.set(spans.endUs);
  wider.row.set(spans.row);
  spans.startUs = wider.startUs;
  spans.endUs = wider.endUs;
  spans.row = wider.row;
}

export function copyOf({ startUs, endUs, row, length }: Spans): Spans {
  return { startUs: startUs.slice(0, length), endUs: endUs.slice(0, length), row: row.slice(0, length), length };
}

/** The time in `a`, in `b`, or in both. */
export function unionOf(a: Spans, b: Spans): Spans {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const union = createSpans(a.length + b.length);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a.startUs[i]! <= b.startUs[j]!)) {
      addSpan(union, a.startUs[i]!, a.endUs[i]!, -1);
      i += 1;
    } else {
      addSpan(union, b.startUs[j]!, b.endUs[j]!, -1);
      j += 1;
    }
  }
  return union;
}

/** The union of any number of them, by halves, so that the cost is n log k. */
export function unionOfAll(all: readonly Spans[]): Spans {
  if (all.length <= 1) return all[0] ?? createSpans(0);
  const half = all.length >> 1;
  return unionOf(unionOfAll(all.slice(0, half)), unionOfAll(all.slice(half)));
}

/** Sorted, disjoint stretches from any list; microseconds. */
export function spansOf(list: readonly { readonly fromMs: number; readonly toMs: number }[]): Spans {
  const sorted = list.filter((span) => span.toMs > span.fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const spans = createSpans(sorted.length);
  for (const span of sorted) addSpan(spans, Math.round(span.fromMs * 1000), Math.round(span.toMs * 1000), -1);
  return spans;
}
