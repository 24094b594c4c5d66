import { createZone } from "../time.ts";
import { type Label, labelKey, type PastLabel } from "./label.ts";
import { overlaps, type Span, subtractSpans } from "./span.ts";

/** A label as it was said, whatever became of it. */
export type SaidLabel = Omit<Label, "status" | "reason">;

/** The order in which labels were said; the tie-break only makes it one order. */
export function byCapture(a: SaidLabel, b: SaidLabel): number {
  return (
    a.capturedAtMs - b.capturedAtMs ||
    a.endMs - b.endMs ||
    a.startMs - b.startMs ||
    (a.source < b.source ? -1 : Number(a.source > b.source))
  );
}

/**
 * The `positive` and `negative` labels that no later one overlaps, by start. A label said again while it stands keeps its first capture.
 * @param isRemoved a removed label does not stand, but what it had replaced does not come back for that
 */
export function standingLabels(said: readonly SaidLabel[], isRemoved: (label: SaidLabel) => boolean): SaidLabel[] {
  const standing: SaidLabel[] = [];
  for (const label of said.filter(({ kind }) => kind !== "excluded").sort(byCapture)) {
    // Labels mostly come in order of time, so a search from the back is short.
    let from = standing.length;
    while (from > 0 && standing[from - 1]!.endMs > label.startMs) from--;
    let to = from;
    while (to < standing.length && standing[to]!.startMs < label.endMs) to++;
    const isThere = to - from === 1 && labelKey(standing[from]!) === labelKey(label);
    if (!isThere) standing.splice(from, to - from, ...(isRemoved(label) ? [] : [label]));
  }
  return standing;
}

/**
 * What is left of the `excluded` labels beside the standing ones, in pieces that do not overlap; the one captured last comes first.
 * @param removed labels that somebody took away: their time stays free of what had been excluded before that
 */
export function excludedPieces(said: readonly SaidLabel[], standing: readonly SaidLabel[], removed: readonly PastLabel[]): SaidLabel[] {
  const pieces: SaidLabel[] = [];
  // Standing labels and pieces never overlap each other, so those that a span touches lie side by side.
  const taken: Span[] = [...standing].sort((a, b) => a.startMs - b.startMs);
  const freed = removed.filter((other) => other.kind === "excluded");
  // The sort is stable: of what was captured at the same instant, the first given keeps its bounds.
  for (const label of said.filter(({ kind }) => kind === "excluded").sort((a, b) => b.capturedAtMs - a.capturedAtMs)) {
    const [from, to] = touchedBy(taken, label);
    const since = freed.filter((other) => other.replacedAtMs >= label.capturedAtMs && overlaps(label, other));
    const left = subtractSpans(label, [...taken.slice(from, to), ...since]);
    for (const span of left) {
      const localDate = span.endMs === label.endMs ? label.localDate : createZone(label.timeZone).dateAt(span.endMs);
      pieces.push({ ...label, ...span, localDate });
    }
    taken.splice(from, to - from, ...[...taken.slice(from, to), ...left].sort((a, b) => a.startMs - b.startMs));
  }
  return pieces;
}

/** Of spans that lie in order side by side, those that overlap one: from the first to before the second position. */
function touchedBy(sorted: readonly Span[], span: Span): readonly [from: number, to: number] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.endMs <= span.startMs) low = middle + 1;
    else high = middle;
  }
  let to = low;
  while (to < sorted.length && sorted[to]!.startMs < span.endMs) to++;
  return [low, to];
}
