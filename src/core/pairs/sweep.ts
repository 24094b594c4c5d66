import type { Span } from "../labels/span.ts";

export type SpanRelation = "outside" | "inside" | "straddling";

export interface SpanSweep {
  /** How [startMs, endMs) lies to the spans; `inside` means inside one of them. Asked in ascending order of `startMs`. */
  relation(startMs: number, endMs: number): SpanRelation;
}

/** Answers for ascending intervals in amortised constant time. The spans may come in any order, overlap, or be empty. */
export function createSpanSweep(spans: readonly Span[]): SpanSweep {
  const sorted = spans.filter((span) => span.endMs > span.startMs).sort((a, b) => a.startMs - b.startMs);
  const starts = Float64Array.from(sorted, (span) => span.startMs);
  const ends = Float64Array.from(sorted, (span) => span.endMs);
  let at = 0;
  return {
    relation(startMs, endMs) {
      while (at < ends.length && ends[at]! <= startMs) at++;
      if (at === ends.length || starts[at]! >= endMs) return "outside";
      for (let i = at; i < starts.length && starts[i]! <= startMs; i++) if (ends[i]! >= endMs) return "inside";
      return "straddling";
    },
  };
}
