import { createHash } from "node:crypto";
import { CATALOGUE_DEFAULTS, chooseFeatures } from "../core/features/catalogue.ts";
import { type FeatureDefinition, identityOf, readDefinition } from "../core/features/definition.ts";
import { settleNames } from "../core/features/names.ts";
import { valueKindOf } from "../core/features/role.ts";
import type { Db } from "../store/db.ts";
import { type KnownEntity, readEntities } from "../store/tables/entities.ts";
import { activeFeatureSet, type FeatureSet, readDefinitions, readFeatureSet } from "../store/tables/features.ts";
import { readTargets } from "../store/tables/labels.ts";
import { readChampions } from "../store/tables/models.ts";
import type { StageContext } from "./stage.ts";
import type { ReadEntity } from "./timelines.ts";

/** The feature set in force, ready to be computed. */
export interface ActiveFeatures {
  readonly set: FeatureSet;
  /** In the set's order. */
  readonly definitions: readonly FeatureDefinition[];
  /** The entities that these read. */
  readonly entities: readonly ReadEntity[];
  /** It differs from what the stored windows hold. */
  readonly isNew: boolean;
}

const choices = new WeakMap<Db, { readonly signature: string; readonly active: ActiveFeatures }>();

/**
 * The set that the entities known now call for, made active. Chosen again only when an entity appeared, spoke for the first time, changed
 * its facts, or another model serves: not when a sensor merely got busier, or every home near the limit would change its set daily. Null
 * while no entity has spoken.
 */
export async function chooseActiveFeatures(context: StageContext): Promise<ActiveFeatures | null> {
  const { reader, writer, clock, options } = context;
  const entities = readEntities(reader);
  if (!entities.some((entity) => entity.eventCount > 0)) return null;
  const serving = readChampions(reader).map((champion) => champion.setId);
  const signature = hashOf([entities.map(({ eventCount, id: _id, ...facts }) => [facts, eventCount > 0]), serving]);
  const known = choices.get(reader);
  if (known?.signature === signature) return { ...known.active, isNew: false };

  const { definitions: chosen, excluded } = chooseFeatures(entities, {
    ...CATALOGUE_DEFAULTS,
    timeZone: options.timeZone,
    gridMs: options.gridMs,
    include: options.include,
    exclude: options.exclude,
    labelHelpers: readTargets(reader).flatMap(({ startEntity, endEntity }) => [startEntity, endEntity].filter((helper) => helper !== null)),
  });
  const definitions = withServing(reader, settleNames(chosen, readDefinitions(reader)), serving);
  const features = definitions.map((definition) => ({ name: definition.name, definition: identityOf(definition) }));
  const before = activeFeatureSet(reader);
  const input = { features, hash: hashOf(features).slice(0, 8), excluded, nowMs: clock.nowMs() };
  const { setId } = await writer.write("activateFeatureSet", input);
  const active = {
    set: readFeatureSet(reader, setId)!,
    definitions,
    entities: entitiesRead(entities, definitions),
    isNew: before !== null && before.setId !== setId,
  };
  choices.set(reader, { signature, active });
  return active;
}

/** A set always holds the features of every serving model too, so that it can be scored. */
function withServing(reader: Db, chosen: readonly FeatureDefinition[], servingSets: readonly number[]): FeatureDefinition[] {
  const definitions = [...chosen];
  const names = new Set(chosen.map((definition) => definition.name));
  for (const setId of new Set(servingSets)) {
    for (const member of readFeatureSet(reader, setId)?.members ?? []) {
      if (names.has(member.name)) continue;
      names.add(member.name);
      definitions.push(readDefinition(member.name, member.definition));
    }
  }
  return definitions;
}

function entitiesRead(entities: readonly KnownEntity[], definitions: readonly FeatureDefinition[]): ReadEntity[] {
  const read = new Set(definitions.flatMap((definition) => definition.entities));
  return entities.flatMap((entity) => {
    const kind = read.has(entity.entityId) ? valueKindOf(entity) : null;
    return kind === null ? [] : [{ id: entity.id, entityId: entity.entityId, kind }];
  });
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
