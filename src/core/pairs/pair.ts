import type { Span } from "../labels/span.ts";
import { HOUR_MS } from "../time.ts";
import type { PairLabel } from "./pair-label.ts";
import type { DayRest } from "./rest-of-day.ts";
import { createSpanSweep } from "./sweep.ts";

/** Stored rows of features as columns, ascending by number; window n is [(n-1)·grid, n·grid). */
export interface FeatureWindows {
  readonly windowNo: Float64Array;
  readonly availableAtMs: Float64Array;
  /** 0..1 */
  readonly coverage: Float64Array;
}

export interface PairRequest {
  /** Active labels of one target; those not known at `trainingAtMs` are not looked at. */
  readonly labels: readonly PairLabel[];
  /** Rests of days that are over (`restsOfDays`); default none. */
  readonly rests?: readonly DayRest[];
  readonly windows: FeatureWindows;
  readonly trainingAtMs: number;
  readonly gridMs: number;
  readonly longestHorizonMs: number;
  /** The first instant from which events are known. */
  readonly dataBeganMs: number;
  readonly minimumCoverage: number;
  /** Spans in which nobody listened and which could not be filled. */
  readonly gaps: readonly Span[];
}

/** Why a window was left out, in the order in which it is asked: a window counts under the first that applies. */
export const EXCLUSION_REASONS = [
  "no label",
  "not yet available",
  "before the data began",
  "excluded by a label",
  "inside a gap",
  "low coverage",
  "straddles an edge",
] as const;
export type ExclusionReason = (typeof EXCLUSION_REASONS)[number];

export interface Pair {
  readonly windowNo: number;
  readonly labelId: number;
  readonly target: 0 | 1;
  /** End of the rest of the label's day, where the window lies in it and so after the label itself. */
  readonly saidUntilMs?: number;
}

export interface Pairing {
  /** Ascending by window. */
  readonly pairs: readonly Pair[];
  readonly exclusions: Readonly<Record<ExclusionReason, number>>;
}

/** How far before its end a label speaks. */
const SCOPE_MS = 24 * HOUR_MS;

interface Scope {
  readonly labelId: number;
  readonly startMs: number;
  /** The window's end must lie in (afterMs, endMs]. */
  readonly afterMs: number;
  readonly endMs: number;
  readonly isRest: boolean;
}

/**
 * Pairs windows with what was said of them. R6, that no day is both trained on and tested, is `dayBlockedFolds`.
 *
 * - R1 the window ends at or before its label's end, or that of the rest of the label's day, and its longest look-back began after the data
 *   did;
 * - R2 at most one label: the scopes (max(previous label's end, end - 24 h), end] of the labels known, sorted by end, do not overlap.
 *   A `negative` label's scope reaches at least to its own start, so that the 25-hour day is covered throughout;
 * - R3 target 1 if the window lies inside one `positive` label, 0 if it touches none, left out if it straddles an edge;
 * - R4 only labels captured and rows available by `trainingAtMs`;
 * - R5 windows that overlap a gap or an `excluded` label, or lack coverage, are left out.
 *
 * One sweep: O(windows + labels log labels).
 */
export function pairWindows(request: PairRequest): Pairing {
  const { windows, gridMs, trainingAtMs } = request;
  const known = request.labels.filter((label) => label.capturedAtMs <= trainingAtMs);
  const scopes = scopesOf(
    known.filter((label) => label.kind !== "excluded"),
    (request.rests ?? []).filter((rest) => rest.endMs <= trainingAtMs),
  );
  const positives = createSpanSweep(known.filter((label) => label.kind === "positive"));
  const excluded = createSpanSweep(known.filter((label) => label.kind === "excluded"));
  const gaps = createSpanSweep(request.gaps);
  const pairs: Pair[] = [];
  const exclusions = Object.fromEntries(EXCLUSION_REASONS.map((reason) => [reason, 0])) as Record<ExclusionReason, number>;
  let at = 0;

  for (let i = 0; i < windows.windowNo.length; i++) {
    const windowNo = windows.windowNo[i]!;
    const endMs = windowNo * gridMs;
    const startMs = endMs - gridMs;
    while (at < scopes.length && scopes[at]!.endMs < endMs) at++;
    const scope = scopes[at];
    if (scope === undefined || endMs <= scope.afterMs) exclusions["no label"]++;
    else if (!(windows.availableAtMs[i]! <= trainingAtMs)) exclusions["not yet available"]++;
    else if (endMs - request.longestHorizonMs < request.dataBeganMs) exclusions["before the data began"]++;
    else if (excluded.relation(startMs, endMs) !== "outside") exclusions["excluded by a label"]++;
    else if (gaps.relation(startMs, endMs) !== "outside") exclusions["inside a gap"]++;
    else if (!(windows.coverage[i]! >= request.minimumCoverage)) exclusions["low coverage"]++;
    else {
      const relation = positives.relation(startMs, endMs);
      if (relation === "straddling") exclusions["straddles an edge"]++;
      else {
        const target = relation === "inside" ? 1 : 0;
        pairs.push({ windowNo, labelId: scope.labelId, target, ...(scope.isRest && { saidUntilMs: scope.endMs }) });
      }
    }
  }
  return { pairs, exclusions };
}

/** By end. Where a scope would begin is cut at the previous label's end by the sweep, which asks the earliest label first. */
function scopesOf(labels: readonly PairLabel[], rests: readonly DayRest[]): Scope[] {
  const said = labels.map(({ id, kind, startMs, endMs }): Scope => {
    const dayBeforeMs = endMs - SCOPE_MS;
    const afterMs = kind === "negative" ? Math.min(startMs, dayBeforeMs) : dayBeforeMs;
    return { labelId: id, startMs, afterMs, endMs, isRest: false };
  });
  const unsaid = rests.map(({ labelId, startMs, endMs }): Scope => ({ labelId, startMs, afterMs: startMs, endMs, isRest: true }));
  return [...said, ...unsaid].sort((a, b) => a.endMs - b.endMs || a.startMs - b.startMs || a.labelId - b.labelId);
}
