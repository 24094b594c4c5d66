import { readDefinition } from "../core/features/definition.ts";
import { HOUR_MS } from "../core/time.ts";
import type { FeatureSet } from "../store/tables/features.ts";

/** A feature that is watched for changes, hour by hour. */
export interface WatchedFeature {
  /** Feature and stream have one name. */
  readonly name: string;
  readonly featureId: number;
  readonly kind: "gaussian" | "poisson";
  /** The feature's look-back; so many windows one look-back apart make an hour. */
  readonly horizonMs: number;
  /** The stored number is sign(x) log(1 + |x|). */
  readonly isLogarithm: boolean;
}

/** More streams than this cost more than they tell. */
const MOST_STREAMS = 60;

/**
 * What is watched: activity of the home and of each area (counts), and the levels of chosen entities. Of one subject, the longest look-back
 * that divides an hour, so that an hour is told without overlap.
 */
export function watchedFeatures(set: FeatureSet): WatchedFeature[] {
  const best = new Map<string, WatchedFeature>();
  for (const { featureId, name, definition: text } of set.members) {
    const definition = readDefinition(name, text);
    const isActivity = definition.kind === "activity_count" && definition.group !== "entity";
    const isLevel = definition.kind === "level" && definition.statistic === "mean";
    if ((!isActivity && !isLevel) || HOUR_MS % definition.horizonMs !== 0) continue;
    const subject = name.slice(0, name.lastIndexOf(":"));
    const known = best.get(subject);
    if (known !== undefined && known.horizonMs >= definition.horizonMs) continue;
    best.set(subject, {
      name,
      featureId,
      kind: isActivity ? "poisson" : "gaussian",
      horizonMs: definition.horizonMs,
      isLogarithm: isActivity || (isLevel && definition.scale === "log"),
    });
  }
  return [...best.values()].slice(0, MOST_STREAMS);
}

/** The number behind a stored logarithm. */
export function fromLogarithm(value: number): number {
  return Math.sign(value) * Math.expm1(Math.abs(value));
}
