import { createHash } from "node:crypto";
import { type FeatureDefinition, identityOf, readDefinition } from "../core/features/definition.ts";
import { settleNames } from "../core/features/names.ts";
import { valueKindOf } from "../core/features/role.ts";
import type { Db } from "../store/db.ts";
import { type KnownEntity, readEntities } from "../store/tables/entities.ts";
import { activeFeatureSet, type FeatureSet, readDefinitions, readFeatureSet, readFrequentStates } from "../store/tables/features.ts";
import { readHelperNames } from "../store/tables/labels.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { readChampions } from "../store/tables/models.ts";
import { noteFindings, planFeatures } from "./feature-plan.ts";
import { lookUpStates } from "./frequent-states.ts";
import type { StageContext } from "./stage.ts";
import type { ReadEntity } from "./timelines.ts";

/** The feature set in force, ready to be computed. */
export interface ActiveFeatures {
  readonly set: FeatureSet;
  /** In the set's order. */
  readonly definitions: readonly FeatureDefinition[];
  /** The entities that these read. */
  readonly entities: readonly ReadEntity[];
}

/** Another catalogue may choose otherwise from the same facts. */
const CATALOGUE_VERSION = 1;

const choices = new WeakMap<Db, { readonly signature: string; readonly active: ActiveFeatures }>();

/**
 * The set that the entities known now call for, made active. Chosen again only when an entity appeared, spoke for the first time, changed
 * its facts, or showed a new state as often as others, when options changed, or when another model serves: not when a sensor merely got busier,
 * and not at a restart. Null while no entity has spoken.
 */
export async function chooseActiveFeatures(context: StageContext): Promise<ActiveFeatures | null> {
  const { reader, writer, clock } = context;
  const entities = readEntities(reader);
  await lookUpStates(context, entities);
  if (!entities.some((entity) => entity.eventCount > 0)) return null;
  const signature = signatureOf(context, entities);
  const known = choices.get(reader);
  // A restore in place may have brought another set back.
  if (known?.signature === signature && known.active.set.version === getMetadata(reader, "feature_set_version")) return known.active;
  if (getMetadata(reader, "feature_choice") !== signature) {
    const serving = readChampions(reader).map((champion) => champion.setId);
    const { choice, findings } = planFeatures(context, entities);
    const definitions = withServing(reader, settleNames(choice.definitions, readDefinitions(reader)), serving);
    const features = definitions.map((definition) => ({ name: definition.name, definition: identityOf(definition) }));
    const input = { features, hash: hashOf(features).slice(0, 8), excluded: choice.excluded, nowMs: clock.nowMs() };
    await writer.write("activateFeatureSet", input);
    await writer.write("setMetadata", { feature_choice: signature });
    await noteFindings(context, findings);
  }
  const set = activeFeatureSet(reader)!;
  const definitions = set.members.map((member) => readDefinition(member.name, member.definition));
  const active = { set, definitions, entities: entitiesRead(entities, definitions) };
  choices.set(reader, { signature, active });
  return active;
}

function signatureOf({ reader, options }: StageContext, entities: readonly KnownEntity[]): string {
  const { timeZone, gridMs, include, exclude, features } = options;
  return hashOf([
    CATALOGUE_VERSION,
    entities.map(({ eventCount, ...facts }) => [facts, eventCount > 0]),
    readFrequentStates(reader).map(({ entity, states }) => [entity, states]),
    readChampions(reader).map((champion) => champion.setId),
    readHelperNames(reader),
    [timeZone, gridMs, include, exclude, features],
  ]);
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

/** The entities by every name that a definition may know them by. */
export function entitiesRead(entities: readonly KnownEntity[], definitions: readonly FeatureDefinition[]): ReadEntity[] {
  const read = new Set(definitions.flatMap((definition) => definition.entities));
  return entities.flatMap((entity) => {
    const kind = valueKindOf(entity);
    const names = [entity.entityId, ...entity.formerIds].filter((name) => read.has(name));
    return kind === null ? [] : names.map((entityId) => ({ id: entity.id, entityId, storedAs: entity.entityId, kind }));
  });
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
