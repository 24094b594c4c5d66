import type { EntityFacts } from "../events/entity.ts";
import { type Candidate, type Offer, offerOfArea, offerOfEntity, offerOfHome } from "./choices.ts";
import { type FeatureDefinition, type FeatureGroup, identityOf } from "./definition.ts";
import { createExclusions, type ExclusionOptions, type ExclusionReason } from "./exclusions.ts";
import { createGlobs } from "./glob.ts";
import { slugOf } from "./names.ts";
import { clockFeatures, weekdayFeatures } from "./recipes.ts";
import { isEntryDoor, otherRole, ROLES, roleOf, valueKindOf } from "./role.ts";

export interface CatalogueOptions extends ExclusionOptions {
  /** The zone of the home's clock. */
  readonly timeZone: string;
  readonly gridMs: number;
  /** Rising; those that are no multiple of the grid are left out. */
  readonly horizonsMinutes: readonly number[];
  readonly maximumFeatures: number;
  /** Globs of features by name: chosen before all others, and never. */
  readonly includeFeatures: readonly string[];
  readonly excludeFeatures: readonly string[];
  /** Globs of doors through which one leaves the house, beside those known by class and name. */
  readonly entryDoors: readonly string[];
  /** 1 = Monday. */
  readonly weekendDays: readonly number[];
}

/** Everything but the zone by default. */
export const CATALOGUE_DEFAULTS: Omit<CatalogueOptions, "timeZone"> = {
  gridMs: 300_000,
  horizonsMinutes: [5, 30, 60, 120],
  maximumFeatures: 300,
  includeFeatures: [],
  excludeFeatures: [],
  include: [],
  exclude: [],
  labelHelpers: [],
  published: ["*.ml_data_layer*"],
  mirrors: [],
  entryDoors: [],
  weekendDays: [6, 7],
};

export type CatalogueFacts = EntityFacts & {
  readonly eventCount: number;
  /** The states that a categorical entity is mostly in, sorted. */
  readonly states?: readonly string[];
};

/** A feature that the home could have and this choice leaves out. */
export interface LeftOut {
  readonly definition: FeatureDefinition;
  readonly reason: "excluded by an option" | "beyond the limit of features" | "only when included by name";
}

export interface Exclusion {
  readonly entityId: string;
  readonly reason: ExclusionReason;
}

export interface FeatureChoice {
  /** Clock, home, areas, entities; each by name, so that the order does not follow how busy a sensor is. */
  readonly definitions: readonly FeatureDefinition[];
  readonly excluded: readonly Exclusion[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The default features of a home: clock and home, then areas, then single sensors by what they are and how busy, to the limit. The
 * same facts and options in any order give the same choice.
 * @throws RangeError when no horizon is a multiple of the grid.
 */
export function chooseFeatures(facts: readonly CatalogueFacts[], options: CatalogueOptions): FeatureChoice {
  const horizons = options.horizonsMinutes.filter((minutes) => (minutes * 60_000) % options.gridMs === 0);
  if (horizons.length === 0) throw new RangeError("no horizon of the features is a multiple of the grid");
  const { candidates, excluded } = readable(facts, options);
  const isNamedDoor = createGlobs(options.entryDoors);
  const isDoor = (door: EntityFacts): boolean => isEntryDoor(door) || isNamedDoor(door.entityId);
  const offered = withoutTwins([
    ...clockFeatures(options.timeZone, options.weekendDays),
    ...offerOfHome(candidates, horizons, options.timeZone, isDoor),
    ...inTurn(areasOf(candidates).map(({ slug, members }) => offerOfArea(slug, members, horizons))),
    ...inTurn(candidates.map((candidate) => offerOfEntity(candidate, horizons))),
    ...weekdayFeatures(options.timeZone),
  ]);
  const { chosen, leftOut } = ranked(offered, options);
  const read = new Set(chosen.flatMap((definition) => definition.entities));
  return {
    definitions: chosen.sort((a, b) => GROUP_ORDER.indexOf(a.group) - GROUP_ORDER.indexOf(b.group) || (a.name < b.name ? -1 : 1)),
    excluded: [
      ...excluded,
      ...candidates
        .filter(({ facts: { entityId } }) => !read.has(entityId))
        .map(({ facts: { entityId } }) => ({ entityId, reason: reasonUnread(entityId, leftOut) })),
    ].sort((a, b) => (a.entityId < b.entityId ? -1 : 1)),
    leftOut,
  };
}

/** Takes the features that were included by name, then the others in the order offered, to the limit. */
function ranked(offered: readonly FeatureDefinition[], options: CatalogueOptions): { chosen: FeatureDefinition[]; leftOut: LeftOut[] } {
  const isIncluded = createGlobs(options.includeFeatures);
  const isExcluded = createGlobs(options.excludeFeatures);
  const onRequest = new Set(weekdayFeatures(options.timeZone).map(({ name }) => name));
  const chosen: FeatureDefinition[] = [];
  const leftOut: LeftOut[] = [];
  const included = offered.filter(({ name }) => isIncluded(name));
  for (const definition of [...included, ...offered.filter(({ name }) => !isIncluded(name))]) {
    const { name } = definition;
    if (isExcluded(name)) leftOut.push({ definition, reason: "excluded by an option" });
    else if (onRequest.has(name) && !isIncluded(name)) leftOut.push({ definition, reason: "only when included by name" });
    else if (chosen.length >= options.maximumFeatures) leftOut.push({ definition, reason: "beyond the limit of features" });
    else chosen.push(definition);
  }
  return { chosen, leftOut };
}

/** Why a readable entity gives nothing: all it offers is left out; a mode offers nothing before its states are known. */
function reasonUnread(entityId: string, leftOut: readonly LeftOut[]): ExclusionReason {
  const own = leftOut.filter(({ definition }) => definition.entities.includes(entityId));
  if (own.length === 0) return "no events yet";
  return own.every(({ reason }) => reason === "excluded by an option") ? "excluded by an option" : "beyond the limit of features";
}

const GROUP_ORDER: readonly FeatureGroup[] = ["clock", "home", "area", "entity"];

interface Ranked extends Candidate {
  readonly facts: CatalogueFacts;
}

/** What can be read, the most telling first: opted in, then by role, then by how busy to a factor of two, then by id. */
function readable(facts: readonly CatalogueFacts[], options: CatalogueOptions): { candidates: Ranked[]; excluded: Exclusion[] } {
  const reasonOf = createExclusions(options);
  const isIncluded = createGlobs(options.include);
  const candidates: Ranked[] = [];
  const excluded: Exclusion[] = [];
  for (const of of facts) {
    const role = roleOf(of) ?? (isIncluded(of.entityId) ? otherRole(of) : null);
    const reason = reasonOf(of) ?? (role === null ? reasonWithoutRole(of) : of.eventCount === 0 ? "no events yet" : null);
    if (reason !== null || role === null) excluded.push({ entityId: of.entityId, reason: reason ?? "not chosen by default" });
    else candidates.push({ facts: of, role });
  }
  const rank = ({ facts: of, role }: Ranked): readonly number[] => [
    isIncluded(of.entityId) ? 0 : 1,
    ROLES.indexOf(role),
    -Math.floor(Math.log2(of.eventCount)),
  ];
  candidates.sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! - right[i]!;
    return a.facts.entityId < b.facts.entityId ? -1 : 1;
  });
  return { candidates, excluded };
}

function reasonWithoutRole(facts: EntityFacts): ExclusionReason {
  return valueKindOf(facts) === null ? "no state that can be read" : "not chosen by default";
}

/** The first features of every offer, then the further ones of each. */
function inTurn(offers: readonly Offer[]): FeatureDefinition[] {
  return [...offers.flatMap((offer) => offer.first), ...offers.flatMap((offer) => offer.further)];
}

/** Areas with their members, the busiest first (to a factor of two). Areas whose names differ only in signs are one. */
function areasOf(candidates: readonly Ranked[]): { slug: string; members: readonly Ranked[] }[] {
  const bySlug = Map.groupBy(
    candidates.filter(({ facts }) => facts.area !== null && slugOf(facts.area) !== ""),
    ({ facts }) => slugOf(facts.area!),
  );
  const busy = (members: readonly Ranked[]): number => Math.floor(Math.log2(members.reduce((sum, { facts }) => sum + facts.eventCount, 0)));
  return [...bySlug]
    .map(([slug, members]) => ({ slug, members }))
    .sort((a, b) => busy(b.members) - busy(a.members) || (a.slug < b.slug ? -1 : 1));
}

/** Each name and each recipe once, the first of them. */
function withoutTwins(definitions: readonly FeatureDefinition[]): FeatureDefinition[] {
  const seen = new Set<string>();
  return definitions.filter((definition) => {
    const marks = [`name ${definition.name}`, identityOf(definition)];
    if (marks.some((mark) => seen.has(mark))) return false;
    for (const mark of marks) seen.add(mark);
    return true;
  });
}
