/** Stretches of time [startUs, endUs), sorted and disjoint. Only the first `length` count. */
export interface Spans {
  startUs: Float64Array;
  endUs: Float64Array;
  length: number;
}

export function createSpans(capacity: number): Spans {
  return { startUs: new Float64Array(capacity), endUs: new Float64Array(capacity), length: 0 };
}

/** Adds a stretch that starts no earlier than the last one; where they touch, they become one. */
export function addSpan(spans: Spans, startUs: number, endUs: number): void {
  const { length } = spans;
  if (length > 0 && spans.endUs[length - 1]! >= startUs) {
    if (endUs > spans.endUs[length - 1]!) spans.endUs[length - 1] = endUs;
    return;
  }
  if (length === spans.startUs.length) grow(spans);
  spans.startUs[length] = startUs;
  spans.endUs[length] = endUs;
  spans.length = length + 1;
}

function grow(spans: Spans): void {
  const wider = createSpans(Math.max(16, spans.startUs.length * 2));
  wider.startUs.set(spans.startUs);
  wider.endUs.set(spans.endUs);
  spans.startUs = wider.startUs;
  spans.endUs = wider.endUs;
}

/** Sorted, disjoint stretches from any list of milliseconds. */
export function spansOf(list: readonly { readonly fromMs: number; readonly toMs: number }[]): Spans {
  const sorted = list.filter((span) => span.toMs > span.fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const spans = createSpans(sorted.length);
  for (const span of sorted) addSpan(spans, Math.round(span.fromMs * 1000), Math.round(span.toMs * 1000));
  return spans;
}

/** The time in `from` that is not in `taken`. */
export function subtract(from: Spans, taken: Spans): Spans {
  let first = 0;
  while (first < taken.length && taken.endUs[first]! <= from.startUs[0]!) first += 1;
  if (from.length === 0 || first === taken.length || taken.startUs[first]! >= from.endUs[from.length - 1]!) return from;
  const left = createSpans(from.length);
  for (let i = 0; i < from.length; i++) {
    let startUs = from.startUs[i]!;
    const endUs = from.endUs[i]!;
    while (first < taken.length && taken.endUs[first]! <= startUs) first += 1;
    for (let j = first; j < taken.length && taken.startUs[j]! < endUs; j++) {
      if (taken.startUs[j]! > startUs) addSpan(left, startUs, taken.startUs[j]!);
      startUs = taken.endUs[j]!;
    }
    if (startUs < endUs) addSpan(left, startUs, endUs);
  }
  return left;
}

/** The time in `a`, in `b`, or in both. */
function unionOf(a: Spans, b: Spans): Spans {
  const union = createSpans(a.length + b.length);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a.startUs[i]! <= b.startUs[j]!)) {
      addSpan(union, a.startUs[i]!, a.endUs[i]!);
      i += 1;
    } else {
      addSpan(union, b.startUs[j]!, b.endUs[j]!);
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
