import type { Column } from "./column.ts";
import type { FeatureDefinition, FeatureKind } from "./definition.ts";
import { codeOfState } from "./state-value.ts";

/** Definitions over the very same sensors: their sums are made once. */
export interface Group {
  readonly entities: readonly string[];
  /** Members whose repeated `on` counts as activity, and members that are entry doors. */
  readonly repeating: ReadonlySet<string>;
  readonly doors: ReadonlySet<string>;
  /** The value that counts as on: 1, or the code of the state whose share is asked for. */
  readonly onValue: number;
  /** Whether the means of hours count as knowledge: for means and the last value they do, for all else not. */
  readonly takesStatistics: boolean;
  readonly members: FeatureMember[];
  readonly needs: Needs;
}

export interface FeatureMember {
  readonly definition: FeatureDefinition;
  readonly column: Column;
}

/** What a group must gather from its entities. */
export interface Needs {
  counts: boolean;
  onTime: boolean;
  lastActivity: boolean;
  lastOn: boolean;
  lastDoor: boolean;
  state: boolean;
  away: boolean;
  levels: boolean;
  /** Longest span before a window's end that changes are looked for in, and that the coverage speaks of. */
  reachMs: number;
  coverageMs: number;
}

const NEEDS_OF: Readonly<
  Record<FeatureKind, readonly ("counts" | "onTime" | "lastDoor" | "state" | "away" | "levels" | "lastActivity")[]>
> = {
  on_fraction: ["onTime"],
  state_share: ["onTime"],
  activity_count: ["counts"],
  minutes_since: [],
  state_now: ["state"],
  level: ["levels"],
  away: ["away"],
  left_by_door: ["lastDoor"],
  silent_hours: ["lastActivity"],
  clock_wave: [],
  clock_days: [],
};

/** Groups the definitions that read entities, in the order of their first. */
export function groupsOf(features: readonly FeatureMember[]): Group[] {
  const groups = new Map<string, Group>();
  for (const feature of features) {
    const { definition } = feature;
    if (definition.entities.length === 0) continue;
    const repeating = "repeating" in definition ? definition.repeating : [];
    const doors = "doors" in definition ? definition.doors : [];
    const state = definition.kind === "state_share" ? definition.state : null;
    const takesStatistics = definition.kind === "state_now" || (definition.kind === "level" && definition.statistic === "mean");
    const key = JSON.stringify([definition.entities, repeating, doors, state, takesStatistics]);
    let group = groups.get(key);
    if (group === undefined) {
      group = {
        entities: definition.entities,
        repeating: new Set(repeating),
        doors: new Set(doors),
        onValue: state === null ? 1 : codeOfState(state),
        takesStatistics,
        members: [],
        needs: noNeeds(),
      };
      groups.set(key, group);
    }
    group.members.push(feature);
    addNeeds(group.needs, definition);
  }
  return [...groups.values()];
}

function noNeeds(): Needs {
  return {
    counts: false,
    onTime: false,
    lastActivity: false,
    lastOn: false,
    lastDoor: false,
    state: false,
    away: false,
    levels: false,
    reachMs: 0,
    coverageMs: 0,
  };
}

function addNeeds(needs: Needs, definition: FeatureDefinition): void {
  for (const need of NEEDS_OF[definition.kind]) needs[need] = true;
  if (definition.kind === "minutes_since") needs[definition.event === "on" ? "lastOn" : "lastActivity"] = true;
  needs.reachMs = Math.max(needs.reachMs, "reachMs" in definition ? definition.reachMs : "capMs" in definition ? definition.capMs : 0);
  needs.coverageMs = Math.max(needs.coverageMs, coverageSpanOf(definition));
}

/** The longest span a definition's coverage speaks of: its horizon, or for spans since something as far as it looks. */
function coverageSpanOf(definition: FeatureDefinition): number {
  if ("horizonMs" in definition) return definition.horizonMs;
  return "reachMs" in definition ? definition.reachMs : "capMs" in definition ? definition.capMs : 0;
}
