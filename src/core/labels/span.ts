import type { Zone } from "../time.ts";

/** A half-open interval [startMs, endMs). */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export function overlaps(a: Span, b: Span): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}

/** What is left of a span without the others, in order; empty pieces are dropped. */
export function subtractSpans(span: Span, others: readonly Span[]): Span[] {
  const pieces: Span[] = [];
  let startMs = span.startMs;
  for (const other of [...others].sort((a, b) => a.startMs - b.startMs)) {
    if (!overlaps({ startMs, endMs: span.endMs }, other)) continue;
    if (other.startMs > startMs) pieces.push({ startMs, endMs: other.startMs });
    startMs = Math.max(startMs, other.endMs);
  }
  if (startMs < span.endMs) pieces.push({ startMs, endMs: span.endMs });
  return pieces;
}

/**
 * The span of "it did not happen on that day": anchor to anchor, clipped to when it was said.
 * @param day number of the local day, as `Zone.dayAt` counts
 * @returns null when the day had not begun yet
 */
export function negativeSpan(day: number, anchorHour: number, capturedAtMs: number, zone: Zone): Span | null {
  const startMs = zone.dayStartMs(day, anchorHour);
  const endMs = Math.min(zone.dayStartMs(day + 1, anchorHour), capturedAtMs);
  return endMs > startMs ? { startMs, endMs } : null;
}
