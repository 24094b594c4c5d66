import type { EntityFacts } from "../events/entity.ts";
import { type Candidate, type Offer, offerOfArea, offerOfEntity, offerOfHome } from "./choices.ts";
import { type FeatureDefinition, type FeatureGroup, identityOf } from "./definition.ts";
import { createExclusions, type ExclusionOptions, type ExclusionReason } from "./exclusions.ts";
import { createGlobs } from "./glob.ts";
import { clockFeatures } from "./recipes.ts";
import { isEntryDoor, ROLES, type Role, roleOf, valueKindOf } from "./role.ts";

export interface CatalogueOptions extends ExclusionOptions {
  /** The zone of the home's clock. */
  readonly timeZone: string;
  readonly gridMs: number;
  /** Rising; those that are no multiple of the grid are left out. */
  readonly horizonsMinutes: readonly number[];
  readonly maximumFeatures: number;
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
  include: [],
  exclude: [],
  labelHelpers: [],
  published: ["*.ml_data_layer*"],
  mirrors: [],
  entryDoors: [],
  weekendDays: [6, 7],
};

export type CatalogueFacts = EntityFacts & { readonly eventCount: number };

export interface Exclusion {
  readonly entityId: string;
  readonly reason: ExclusionReason;
}

export interface FeatureChoice {
  /** Clock, home, areas, entities; each by name, so that the order does not follow how busy a sensor is. */
  readonly definitions: readonly FeatureDefinition[];
  readonly excluded: readonly Exclusion[];
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
  const ranked = [
    ...clockFeatures(options.timeZone, options.weekendDays),
    ...offerOfHome(candidates, horizons, options.timeZone, isDoor),
    ...inTurn(areasOf(candidates).map(({ slug, members }) => offerOfArea(slug, members, horizons))),
    ...inTurn(candidates.map((candidate) => offerOfEntity(candidate, horizons))),
  ];
  const chosen = withoutTwins(ranked).slice(0, options.maximumFeatures);
  const read = new Set(chosen.flatMap((definition) => definition.entities));
  const beyond = candidates.filter(({ facts: { entityId } }) => !read.has(entityId));
  return {
    definitions: chosen.sort((a, b) => GROUP_ORDER.indexOf(a.group) - GROUP_ORDER.indexOf(b.group) || (a.name < b.name ? -1 : 1)),
    excluded: [
      ...excluded,
      ...beyond.map(({ facts: { entityId } }) => ({ entityId, reason: "beyond the limit of features" as const })),
    ].sort((a, b) => (a.entityId < b.entityId ? -1 : 1)),
  };
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

function otherRole(facts: EntityFacts): Role | null {
  const kind = valueKindOf(facts);
  return kind === null ? null : kind === "binary" ? "signal" : "number";
}

function reasonWithoutRole(facts: EntityFacts): ExclusionReason {
  return valueKindOf(facts) === null ? "neither on/off nor a number" : "not chosen by default";
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

function slugOf(area: string): string {
  return area
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/g, "");
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
