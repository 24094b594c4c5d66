import { isTakenAway, type ToldLabels } from "./merge.ts";
import type { Span } from "./span.ts";
import type { SaidLabel } from "./standing.ts";

/** What is stored of one target, to be asked for the labels over a span. */
export interface SaidOrder {
  /** From when on what is said now of this span counts: after all that was said or taken away of it, also where the clock was ahead then or several say something at once. */
  countsFrom(span: Span, nowMs: number): number;
  /** How the instant at which this label claims to have been said lies to what was said of its span: `last`, or a tie with it, or before it. */
  placeOf(label: SaidLabel): "last" | "tie" | "earlier";
}

interface Row extends Span {
  readonly capturedAtMs: number;
  /** When somebody took it away; it holds against the same label, wherever that comes from, said up to then. */
  readonly goneAtMs: number;
  readonly kind: SaidLabel["kind"];
}

export function createSaidOrder({ current, past }: ToldLabels): SaidOrder {
  const rows: Row[] = [
    ...current.filter(({ status }) => status === "active").map((label) => ({ ...label, goneAtMs: Number.NEGATIVE_INFINITY })),
    ...past
      .filter(({ replacedBy }) => replacedBy !== "no longer said")
      .map((label) => ({ ...label, goneAtMs: isTakenAway(label) ? label.replacedAtMs : Number.NEGATIVE_INFINITY })),
  ].sort((a, b) => a.startMs - b.startMs);
  const longestMs = rows.reduce((longest, { startMs, endMs }) => Math.max(longest, endMs - startMs), 0);

  function* over(span: Span): Generator<Row> {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle]!.startMs + longestMs <= span.startMs) low = middle + 1;
      else high = middle;
    }
    for (; low < rows.length && rows[low]!.startMs < span.endMs; low++) if (rows[low]!.endMs > span.startMs) yield rows[low]!;
  }

  return {
    countsFrom(span, nowMs) {
      let atMs = nowMs;
      for (const { capturedAtMs, goneAtMs } of over(span)) atMs = Math.max(atMs, capturedAtMs + 1, goneAtMs + 1);
      return atMs;
    },
    placeOf(label) {
      let latestMs = Number.NEGATIVE_INFINITY;
      for (const row of over(label)) {
        // What is left out gives way to every label, whenever it was said.
        if (row.kind === "excluded") continue;
        const isSame = row.startMs === label.startMs && row.endMs === label.endMs;
        latestMs = Math.max(latestMs, row.capturedAtMs, isSame ? row.goneAtMs : Number.NEGATIVE_INFINITY);
      }
      if (latestMs < label.capturedAtMs) return "last";
      return latestMs === label.capturedAtMs ? "tie" : "earlier";
    },
  };
}
