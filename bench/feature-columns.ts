import type { FeatureDefinition } from "../src/core/features/definition.ts";
import { activityCount, level, onFraction, stateNow } from "../src/core/features/recipes.ts";

const BOUNDS = { low: -1e6, high: 1e6, scale: "linear" } as const;

/** Two features of each entity: the columns of the peers' feature_check.py, counts as log(1 + count). */
export function definitionsOf(entityId: string): FeatureDefinition[] {
  const subject = { name: entityId, group: "entity" as const, entities: [entityId], repeating: [] };
  return entityId.startsWith("binary_sensor.")
    ? [onFraction(subject, 30), activityCount(subject, 60)]
    : [level(subject, "mean", 30, BOUNDS), stateNow(subject, BOUNDS)];
}
