import type { Span } from "./span.ts";

/** What was taken in so far, to ask whether a new span overlaps it. Spans taken in never overlap each other. */
export interface SpanShelf<Name> {
  /** Puts the span on the shelf, or says whose span it overlaps. */
  take(span: Span, name: Name): { readonly overlapped: Name; readonly isSame: boolean } | null;
}

/** Answers in the time of a binary search; files come mostly in order of time, where putting in is cheap, too. */
export function createSpanShelf<Name>(): SpanShelf<Name> {
  const shelf: { readonly span: Span; readonly name: Name }[] = [];
  return {
    take(span, name) {
      let low = 0;
      let high = shelf.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (shelf[middle]!.span.endMs <= span.startMs) low = middle + 1;
        else high = middle;
      }
      const next = shelf[low];
      if (next !== undefined && next.span.startMs < span.endMs) {
        const isSame = next.span.startMs === span.startMs && next.span.endMs === span.endMs;
        return { overlapped: next.name, isSame };
      }
      shelf.splice(low, 0, { span, name });
      return null;
    },
  };
}
