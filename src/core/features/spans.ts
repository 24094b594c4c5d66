/** Stretches of time [startUs, endUs), sorted and disjoint. */
export interface Spans {
  readonly startUs: number[];
  readonly endUs: number[];
}

export function createSpans(): Spans {
  return { startUs: [], endUs: [] };
}

/** Adds a stretch that starts no earlier than the last one; where they touch, they become one. */
export function addSpan({ startUs: starts, endUs: ends }: Spans, startUs: number, endUs: number): void {
  const last = ends.length - 1;
  if (last >= 0 && ends[last]! >= startUs) {
    if (endUs > ends[last]!) ends[last] = endUs;
    return;
  }
  starts.push(startUs);
  ends.push(endUs);
}

/** Sorted, disjoint stretches from any list of milliseconds. */
export function spansOf(list: readonly { readonly fromMs: number; readonly toMs: number }[]): Spans {
  const sorted = list.filter((span) => span.toMs > span.fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const spans = createSpans();
  for (const span of sorted) addSpan(spans, Math.round(span.fromMs * 1000), Math.round(span.toMs * 1000));
  return spans;
}

/** The time in `from` that is not in `taken`. */
export function subtract(from: Spans, taken: Spans): Spans {
  let first = 0;
  while (first < taken.endUs.length && taken.endUs[first]! <= from.startUs[0]!) first += 1;
  if (from.endUs.length === 0 || first === taken.endUs.length || taken.startUs[first]! >= from.endUs[from.endUs.length - 1]!) return from;
  const left = createSpans();
  for (let i = 0; i < from.endUs.length; i++) {
    let startUs = from.startUs[i]!;
    const endUs = from.endUs[i]!;
    while (first < taken.endUs.length && taken.endUs[first]! <= startUs) first += 1;
    for (let j = first; j < taken.endUs.length && taken.startUs[j]! < endUs; j++) {
      if (taken.startUs[j]! > startUs) addSpan(left, startUs, taken.startUs[j]!);
      startUs = taken.endUs[j]!;
    }
    if (startUs < endUs) addSpan(left, startUs, endUs);
  }
  return left;
}

/** The time in `a`, in `b`, or in both. */
function unionOf(a: Spans, b: Spans): Spans {
  const union = createSpans();
  let i = 0;
  let j = 0;
  while (i < a.endUs.length || j < b.endUs.length) {
    if (j >= b.endUs.length || (i < a.endUs.length && a.startUs[i]! <= b.startUs[j]!)) {
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
  if (all.length <= 1) return all[0] ?? createSpans();
  const half = all.length >> 1;
  return unionOf(unionOfAll(all.slice(0, half)), unionOfAll(all.slice(half)));
}
