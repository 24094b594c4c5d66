import { type Asked, useAsked } from "../../client/asked.ts";
import { type Answer, get, type Item } from "../../client/client.ts";
import { nowMs } from "../../client/clock.ts";
import type { Label, Suggestion } from "../../parts/label-writes.ts";
import type { View } from "./view.ts";

export type Curve = Answer<"GET", "/predictions/curve">;
export type Activity = Answer<"GET", "/timeline/activity">;
export type Lane = Answer<"GET", "/timeline">["lanes"][number];
export type Band = Lane["bands"][number];
export type Change = Item<"/changes">;
export type Gap = Item<"/gaps">;

export interface TimelineData {
  readonly view: View;
  readonly curve: Curve;
  readonly labels: readonly Label[];
  readonly suggestions: readonly Suggestion[];
  readonly changes: readonly Change[];
  readonly gaps: readonly Gap[];
  /** Null where lanes are of entities. */
  readonly activity: Activity | null;
  readonly dataBeganUtc: string | null;
}

/** Beyond it the events themselves are too many to be looked at. */
export const LONGEST_OF_ENTITIES_MS = 8 * 86_400_000;
const MOST = 1000;

export interface Wanted {
  readonly target: string;
  readonly view: View;
  readonly columns: number;
  readonly hasActivity: boolean;
}

/** All that a view needs but the states of entities, in one answer, so that it is drawn once. */
export function useTimeline(wanted: Wanted | null): Asked<TimelineData> {
  const key = wanted === null ? null : `timeline ${JSON.stringify(wanted)}`;
  // What lies in the past changes by labels alone.
  const isLive = wanted !== null && wanted.view.toMs > nowMs();
  return useAsked(key, (signal) => ask(wanted!, signal), isLive ? ["predictions", "health"] : ["health"]);
}

async function ask({ target, view, columns, hasActivity }: Wanted, signal: AbortSignal): Promise<TimelineData> {
  const range = { from: new Date(view.fromMs).toISOString(), to: new Date(view.toMs).toISOString() };
  const [curve, labels, suggestions, changes, gaps, activity, { dataBeganUtc }] = await Promise.all([
    get("/predictions/curve", { query: { target, columns, ...range }, signal }),
    get("/labels", { query: { target, status: "active", limit: MOST, ...range }, signal }),
    get("/suggestions", { query: { target, limit: MOST }, signal }),
    get("/changes", { query: { isWithdrawn: false, isMuted: false, isRejected: false, rangeOf: "change", limit: MOST, ...range }, signal }),
    get("/gaps", { query: { limit: MOST, ...range }, signal }),
    hasActivity ? get("/timeline/activity", { query: { columns: Math.min(columns, 400), ...range }, signal }) : null,
    get("/me", { signal }),
  ]);
  mark("timeline data");
  return {
    view,
    curve,
    labels: labels.items,
    suggestions: suggestions.items,
    changes: changes.items,
    // What was fetched afterwards is no gap any more.
    gaps: gaps.items.filter(({ outcome, entityId }) => outcome !== "filled" && entityId === null),
    activity,
    dataBeganUtc,
  };
}

/** For benches: one of each name, so that a page that lives for months keeps no list of them. */
export function mark(name: "timeline data" | "timeline drawn"): void {
  performance.clearMarks(name);
  performance.mark(name);
}
