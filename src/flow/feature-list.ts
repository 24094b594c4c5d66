import { settleNames } from "../core/features/names.ts";
import type { Db } from "../store/db.ts";
import { readEntities } from "../store/tables/entities.ts";
import { readDefinitions } from "../store/tables/features.ts";
import { planFeatures } from "./feature-plan.ts";
import type { StageOptions } from "./stage.ts";

export interface ListedFeature {
  readonly name: string;
  readonly reason: string;
}

/** What the catalogue makes of one entity. */
export interface ListedEntity {
  readonly entityId: string;
  readonly area: string | null;
  /** Features of its own, by name. */
  readonly gives: readonly string[];
  /** Features of its area and of the home that read it, too. */
  readonly joins: readonly string[];
  /** What it could give, and why that is left out. */
  readonly leftOut: readonly ListedFeature[];
  /** Why it gives nothing; null where it does. */
  readonly reason: string | null;
}

export interface FeatureList {
  readonly entities: readonly ListedEntity[];
  /** Features of the clock, the home and the areas. */
  readonly shared: readonly string[];
  readonly sharedLeftOut: readonly ListedFeature[];
  readonly maximum: number;
  readonly findings: readonly string[];
}

/** Says of every entity known what it gives under these options, or why not; changes nothing. */
export function listFeatures(reader: Db, options: StageOptions): FeatureList {
  const entities = readEntities(reader);
  const { choice, findings } = planFeatures({ reader, options }, entities);
  const chosen = settleNames(choice.definitions, readDefinitions(reader));
  const reasons = new Map(choice.excluded.map(({ entityId, reason }) => [entityId, reason]));
  const isOwn = ({ group }: { readonly group: string }): boolean => group === "entity";
  const left = choice.leftOut.map(({ definition, reason }) => ({ definition, listed: { name: definition.name, reason } }));
  return {
    entities: entities.map(({ entityId, area }) => {
      const reading = chosen.filter((definition) => definition.entities.includes(entityId));
      return {
        entityId,
        area,
        gives: reading.filter(isOwn).map(({ name }) => name),
        joins: reading.filter((definition) => !isOwn(definition)).map(({ name }) => name),
        leftOut: left.filter(({ definition }) => isOwn(definition) && definition.entities.includes(entityId)).map(({ listed }) => listed),
        reason: reasons.get(entityId) ?? null,
      };
    }),
    shared: chosen.filter((definition) => !isOwn(definition)).map(({ name }) => name),
    sharedLeftOut: left.filter(({ definition }) => !isOwn(definition)).map(({ listed }) => listed),
    maximum: options.features.maximum,
    findings,
  };
}
