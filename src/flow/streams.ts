import type { StreamKind } from "../core/changes/settings.ts";
import type { Measure, Subject } from "../core/changes/words.ts";
import type { EntityFacts } from "../core/events/entity.ts";
import { type FeatureDefinition, readDefinition } from "../core/features/definition.ts";
import { HOUR_MS } from "../core/time.ts";
import type { FeatureSet } from "../store/tables/features.ts";

/** A feature that is watched for changes, hour by hour. */
export interface WatchedFeature {
  /** Feature and stream have one name. */
  readonly name: string;
  readonly featureId: number;
  readonly kind: StreamKind;
  /** The feature's look-back; so many windows one look-back apart make an hour. */
  readonly horizonMs: number;
  /** How many entities it is merged from. */
  readonly members: number;
  /** The stored number is sign(x) log(1 + |x|). */
  readonly isLogarithm: boolean;
  /** What it tells of, in words. */
  readonly subject: Subject;
}

/** More streams than this cost more than they tell. */
const MOST_STREAMS = 300;
const GROUPS: readonly string[] = ["home", "area", "entity"];

/**
 * What is watched: activity of the home and of each area (counts), how much of the time something holds (ratios), and levels of entities; home
 * before areas before entities. Of one subject, the longest look-back that divides an hour, so that an hour is told without overlap. An
 * entity that says alone what its area says is not watched twice.
 */
export function watchedFeatures(set: FeatureSet, facts: ReadonlyMap<string, EntityFacts>): WatchedFeature[] {
  const best = new Map<string, { readonly feature: WatchedFeature; readonly group: string; readonly reads: string }>();
  for (const { featureId, name, definition: text } of set.members) {
    const definition = readDefinition(name, text);
    const kind = kindOf(definition);
    if (kind === null || !("horizonMs" in definition) || HOUR_MS % definition.horizonMs !== 0) continue;
    // Subject and measure; behind them stand the look-back and, of some, a number that tells same names apart.
    const key = name.split(":", 2).join(":");
    const { horizonMs } = definition;
    if ((best.get(key)?.feature.horizonMs ?? 0) >= horizonMs) continue;
    const isLogarithm = kind === "poisson" || (definition.kind === "level" && definition.scale === "log");
    const members = definition.entities.length;
    const feature = { name, featureId, kind, horizonMs, members, isLogarithm, subject: subjectOf(name, definition, facts) };
    best.set(key, { feature, group: definition.group, reads: `${kind} ${definition.entities.join()}` });
  }
  const all = [...best.values()].sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group));
  const told = new Set(all.filter(({ group }) => group === "area").map(({ reads }) => reads));
  return all
    .filter(({ group, reads }) => group !== "entity" || !told.has(reads))
    .slice(0, MOST_STREAMS)
    .map(({ feature }) => feature);
}

/** Counts of single entities are left out: how much of the time they are on says more, and their area counts them. */
function kindOf(definition: FeatureDefinition): StreamKind | null {
  if (definition.kind === "activity_count") return definition.group === "entity" ? null : "poisson";
  if (definition.kind === "on_fraction") return "ratio";
  return definition.kind === "level" && definition.statistic === "mean" ? "gaussian" : null;
}

function subjectOf(name: string, { kind, group, entities }: FeatureDefinition, facts: ReadonlyMap<string, EntityFacts>): Subject {
  const first = entities[0] === undefined ? undefined : facts.get(entities[0]);
  const measure: Measure =
    kind === "activity_count"
      ? "activity"
      : kind === "level"
        ? "level"
        : name.includes(":presence_")
          ? "presence"
          : name.includes(":light_")
            ? "light"
            : "on";
  const said = name.slice(0, name.indexOf(":"));
  if (group === "home") return { measure, unit: null, place: null };
  if (group === "area") return { measure, unit: null, place: { kind: "area", name: first?.area ?? said } };
  return { measure, unit: first?.unit ?? null, place: { kind: "entity", name: first?.name ?? said } };
}

/** The number behind a stored logarithm. */
export function fromLogarithm(value: number): number {
  return Math.sign(value) * Math.expm1(Math.abs(value));
}
