import { isUnknownState } from "../events/event.ts";

/** A mode has a handful of states; more features of one entity would tell little. */
const MOST_STATES = 6;
/** A state rarer than this among the entity's rows is no habit. */
const SMALLEST_SHARE = 0.02;

export interface StateCount {
  readonly state: string;
  readonly rows: number;
}

/** The states that an entity is mostly in, sorted; those found before stay, so that no feature vanishes because of a quiet week. */
export function frequentStates(counts: readonly StateCount[], before: readonly string[]): string[] {
  const real = counts.filter(({ state }) => !isUnknownState(state));
  const total = real.reduce((sum, { rows }) => sum + rows, 0);
  const frequent = real
    .filter(({ rows }) => rows >= total * SMALLEST_SHARE)
    .sort((a, b) => b.rows - a.rows || (a.state < b.state ? -1 : 1))
    .map(({ state }) => state);
  return [...new Set([...before, ...frequent])].slice(0, MOST_STATES).sort();
}
