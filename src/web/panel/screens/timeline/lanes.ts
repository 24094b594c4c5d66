import { useEffect, useState } from "preact/hooks";
import { get, type Item } from "../../client/client.ts";
import { news } from "../../client/live.ts";
import type { Band, Lane } from "./data.ts";
import type { View } from "./view.ts";

export interface Lanes {
  readonly view: View;
  readonly lanes: readonly Lane[];
  /** From here on everything was looked at; the view's start when all is. */
  readonly reachedMs: number;
  readonly leftOut: number;
}

/** Requests for one view: an answer looks at so many events at most. */
const MOST_PARTS = 12;

/** States of entities, the newest first: what is there is drawn while the rest comes. Null wishes nothing. */
export function useLanes(view: View, entities: readonly string[] | null, columns: number): Lanes | null {
  const [lanes, setLanes] = useState<Lanes | null>(null);
  const wish = entities === null ? null : `${view.fromMs} ${view.toMs} ${columns} ${entities.join()}`;
  // A minute of the newest view is as good as drawn already.
  const beat = Math.floor(news.predictions.value);
  useEffect(() => {
    if (entities === null || entities.length === 0) {
      setLanes(null);
      return undefined;
    }
    const ended = new AbortController();
    void load(view, entities, columns, ended.signal, setLanes);
    return () => ended.abort();
  }, [wish, beat]);
  return lanes;
}

async function load(
  view: View,
  entities: readonly string[],
  columns: number,
  signal: AbortSignal,
  show: (lanes: Lanes) => void,
): Promise<void> {
  let known: readonly Lane[] = [];
  let toMs = view.toMs;
  try {
    for (let part = 0; part < MOST_PARTS && toMs > view.fromMs; part += 1) {
      const range = { from: new Date(view.fromMs).toISOString(), to: new Date(toMs).toISOString() };
      const share = (toMs - view.fromMs) / (view.toMs - view.fromMs);
      const wanted = Math.max(10, Math.round(columns * share));
      const { lanes, reachedMs, lanesLeftOut } = await get("/timeline", { query: { entities, columns: wanted, ...range }, signal });
      known = joined(lanes, known);
      toMs = reachedMs ?? view.fromMs;
      if (signal.aborted) return;
      show({ view, lanes: known, reachedMs: toMs, leftOut: lanesLeftOut });
    }
  } catch {
    // The card over it asks the same app and says what is wrong; the lanes come with its next answer.
  }
}

/** Earlier bands before the later ones of the same entities. */
export function joined(earlier: readonly Lane[], later: readonly Lane[]): Lane[] {
  const bands = new Map(later.map((lane) => [lane.entityId, lane.bands]));
  return earlier.map((lane) => ({ ...lane, bands: touching(lane.bands, bands.get(lane.entityId) ?? []) }));
}

function touching(before: readonly Band[], after: readonly Band[]): readonly Band[] {
  const [last, first] = [before.at(-1), after[0]];
  if (last === undefined || first === undefined || last.state === null || last.state !== first.state || last.toMs < first.fromMs)
    return [...before, ...after];
  return [...before.slice(0, -1), { ...first, fromMs: last.fromMs }, ...after.slice(1)];
}

/** Lanes that are still to come, by their names, so that nothing jumps when they do. */
export function emptyLanes(ids: readonly string[], entities: readonly Item<"/entities">[]): Lane[] {
  const byId = new Map(entities.map((entity) => [entity.entityId, entity]));
  return ids.flatMap((entityId) => {
    const found = byId.get(entityId);
    return found === undefined ? [] : [{ entityId, name: found.name, area: found.area, kind: found.kind, unit: found.unit, bands: [] }];
  });
}
