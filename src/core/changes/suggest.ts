import { HOUR_MS } from "../time.ts";
import { detectChanges } from "./finished.ts";

/** A span as its usual owner would say it, in ms after the beginning of the local day that holds it. */
export interface UsualSpan {
  readonly startAfterMs: number;
  readonly endAfterMs: number;
}

/** Fewer labels tell no habit. */
const FEWEST_LABELS = 3;
/** A change point this far from the usual time is another matter. */
const REACH_MS = 3 * HOUR_MS;
/** A suggestion shorter than this is none. */
const SHORTEST_MS = 2 * HOUR_MS;

/** The middle of earlier spans; null where there are too few. Each is given after the beginning of its own local day. */
export function usualSpan(spans: readonly UsualSpan[]): UsualSpan | null {
  if (spans.length < FEWEST_LABELS) return null;
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  return { startAfterMs: middle(spans.map((span) => span.startAfterMs)), endAfterMs: middle(spans.map((span) => span.endAfterMs)) };
}

/** The span of time to look at for a day that begins at `dayMs`: the usual one and the reach on both sides. */
export function reachOf(dayMs: number, usual: UsualSpan): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: dayMs + usual.startAfterMs - REACH_MS, toMs: dayMs + usual.endAfterMs + REACH_MS };
}

/**
 * From the activity of one night a guess of when it began and ended: the change points nearest the usual times after which activity fell, and rose.
 * `activity[k]` belongs to the window that ends at `fromMs + (k + 1) * gridMs`; null = not known. null where there is no such pair. A guess to
 * be confirmed by the person, never a label by itself.
 */
export function suggestSpan(
  activity: readonly (number | null)[],
  { fromMs, gridMs, dayMs, usual }: { readonly fromMs: number; readonly gridMs: number; readonly dayMs: number; readonly usual: UsualSpan },
): { readonly startMs: number; readonly endMs: number } | null {
  const changes = detectChanges([activity]);
  const edges = [0, ...changes, activity.length];
  const found = changes.map((at, k) => ({
    atMs: fromMs + at * gridMs,
    rise: meanOf(activity.slice(at, edges[k + 2])) - meanOf(activity.slice(edges[k], at)),
  }));
  const nearest = (wantedMs: number, sign: number): number | null => {
    const near = found.filter(({ atMs, rise }) => Math.sign(rise) === sign && Math.abs(atMs - wantedMs) <= REACH_MS);
    return near.toSorted((a, b) => Math.abs(a.atMs - wantedMs) - Math.abs(b.atMs - wantedMs))[0]?.atMs ?? null;
  };
  const startMs = nearest(dayMs + usual.startAfterMs, -1);
  const endMs = nearest(dayMs + usual.endAfterMs, 1);
  return startMs === null || endMs === null || endMs - startMs < SHORTEST_MS ? null : { startMs, endMs };
}

function meanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}
