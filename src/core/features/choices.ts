import type { EntityFacts } from "../events/entity.ts";
import type { FeatureDefinition } from "./definition.ts";
import {
  activityCount,
  awayOf,
  type Bounds,
  leftByDoor,
  level,
  minutesSinceActivity,
  minutesSinceOn,
  onFraction,
  type Subject,
  silentDayHours,
  stateNow,
  stateShare,
} from "./recipes.ts";
import { isEntryDoor, isOutdoors, type Role } from "./role.ts";

/** What one subject offers: the telling features of every sensor come before the further ones of any. */
export interface Offer {
  readonly first: readonly FeatureDefinition[];
  readonly further: readonly FeatureDefinition[];
}

export interface Candidate {
  /** `states`: of a mode, the states it is mostly in. */
  readonly facts: EntityFacts & { readonly states?: readonly string[] };
  readonly role: Role;
}

const BINARY_BOUNDS: Bounds = { low: 0, high: 1, scale: "linear" };
const BOUNDS: Readonly<Partial<Record<Role, Bounds>>> = {
  illuminance: { low: 0, high: 200_000, scale: "log" },
  power: { low: -100_000, high: 100_000, scale: "log" },
  air: { low: -1000, high: 20_000, scale: "linear" },
};
const NUMBER_BOUNDS: Bounds = { low: -1e12, high: 1e12, scale: "log" };

/** The horizon nearest to the wanted one. */
function nearest(horizons: readonly number[], minutes: number): number {
  return horizons.reduce((best, horizon) => (Math.abs(horizon - minutes) < Math.abs(best - minutes) ? horizon : best));
}

export function subjectOf({ facts, role }: Candidate): Subject {
  const entities = [facts.entityId];
  return { name: facts.entityId, group: "entity", entities, repeating: role === "motion" ? entities : [] };
}

export function offerOfEntity(candidate: Candidate, horizons: readonly number[]): Offer {
  const subject = subjectOf(candidate);
  const shareAt = nearest(horizons, 30);
  const countAt = nearest(horizons, 60);
  const longest = Math.max(...horizons);
  const shares = horizons.map((minutes) => onFraction(subject, minutes));
  const counts = horizons.map((minutes) => activityCount(subject, minutes));
  const firstShare = onFraction(subject, shareAt);
  const firstCount = activityCount(subject, countAt);
  const now = stateNow(subject, BINARY_BOUNDS);
  switch (candidate.role) {
    case "motion":
    case "presence":
      return {
        first: [firstShare, firstCount, minutesSinceOn(subject)],
        further: [...shares, ...counts, minutesSinceActivity(subject), now],
      };
    case "contact":
    case "appliance":
    case "signal":
      return { first: [firstCount, minutesSinceActivity(subject)], further: [...counts, firstShare, now] };
    case "light":
    case "light switch":
    case "switch":
      return { first: [firstShare, firstCount, minutesSinceOn(subject)], further: [...shares, ...counts, minutesSinceActivity(subject)] };
    case "cover":
    case "media":
      return { first: [firstShare, minutesSinceActivity(subject)], further: [onFraction(subject, longest), firstCount, now] };
    case "person":
      return { first: [now, minutesSinceActivity(subject)], further: [onFraction(subject, longest)] };
    case "counter":
      return offerOfCounter(subject, horizons);
    case "mode":
      return offerOfMode(subject, candidate.facts.states ?? [], horizons);
    case "illuminance":
    case "power":
    case "air":
    case "number":
      return offerOfLevel(subject, BOUNDS[candidate.role] ?? NUMBER_BOUNDS, horizons);
  }
}

function offerOfLevel(subject: Subject, bounds: Bounds, horizons: readonly number[]): Offer {
  const [shareAt, countAt] = [nearest(horizons, 30), nearest(horizons, 60)];
  const means = horizons.map((minutes) => level(subject, "mean", minutes, bounds));
  const first = [level(subject, "mean", shareAt, bounds)];
  const further = [
    level(subject, "spread", countAt, bounds),
    level(subject, "maximum", countAt, bounds),
    level(subject, "minimum", countAt, bounds),
  ];
  if (bounds.scale === "log") return { first, further: [...means, ...further, stateNow(subject, bounds)] };
  return { first: [...first, level(subject, "slope", countAt, bounds)], further: [...further, stateNow(subject, bounds)] };
}

const COUNTER_BOUNDS: Bounds = { low: 0, high: 1e9, scale: "log" };

function offerOfCounter(subject: Subject, horizons: readonly number[]): Offer {
  const increase = (minutes: number): FeatureDefinition => level(subject, "increase", minutes, COUNTER_BOUNDS);
  return { first: [increase(nearest(horizons, 60))], further: horizons.map(increase) };
}

function offerOfMode(subject: Subject, states: readonly string[], horizons: readonly number[]): Offer {
  const shares = (minutes: number): FeatureDefinition[] => states.map((state) => stateShare(subject, state, minutes));
  return {
    first: shares(nearest(horizons, 30)),
    further: [...shares(Math.max(...horizons)), minutesSinceActivity(subject), activityCount(subject, nearest(horizons, 60))],
  };
}

/** Roles whose changes are somebody's doing. Switches, covers, players and appliances also move by themselves. */
const ALIVE: readonly Role[] = ["motion", "presence", "contact", "light", "light switch"];
const ACTIVE: readonly Role[] = [...ALIVE, "switch", "cover", "media", "appliance", "signal"];

function merged(name: string, group: "area" | "home", members: readonly Candidate[], roles: readonly Role[]): Subject | null {
  const among = members.filter(({ role }) => roles.includes(role));
  if (among.length === 0) return null;
  const repeating = among.filter(({ role }) => role === "motion").map(({ facts }) => facts.entityId);
  return { name, group, entities: among.map(({ facts }) => facts.entityId), repeating };
}

export function offerOfArea(slug: string, members: readonly Candidate[], horizons: readonly number[]): Offer {
  const name = `area.${slug}`;
  const shareAt = nearest(horizons, 30);
  const countAt = nearest(horizons, 60);
  const first: FeatureDefinition[] = [];
  const further: FeatureDefinition[] = [];
  const active = merged(name, "area", members, ACTIVE);
  if (active !== null) {
    first.push(activityCount(active, countAt, "activity"), minutesSinceActivity(active, "activity"));
    further.push(...horizons.map((minutes) => activityCount(active, minutes, "activity")));
  }
  for (const [prefix, roles] of [
    ["presence_", ["motion", "presence"]],
    ["light_", ["light", "light switch"]],
  ] as const) {
    const subject = merged(name, "area", members, roles);
    if (subject === null) continue;
    first.push(onFraction(subject, shareAt, prefix));
    further.push(...horizons.map((minutes) => onFraction(subject, minutes, prefix)));
  }
  return { first, further };
}

/** The home as a whole: how much stirs inside it, how long nothing has, and whether somebody left. */
export function offerOfHome(
  members: readonly Candidate[],
  horizons: readonly number[],
  timeZone: string,
  isDoor: (facts: EntityFacts) => boolean = isEntryDoor,
): FeatureDefinition[] {
  const inside = members.filter(({ facts }) => !isOutdoors(facts) || isDoor(facts));
  const alive = merged("home", "home", inside, ALIVE) ?? merged("home", "home", inside, ACTIVE);
  const motion = merged("home", "home", inside, ["motion"]);
  const persons = merged("home", "home", members, ["person"]);
  const definitions: FeatureDefinition[] = [];
  if (alive !== null) {
    const doors = inside.filter(({ facts }) => alive.entities.includes(facts.entityId) && isDoor(facts)).map(({ facts }) => facts.entityId);
    definitions.push(...horizons.map((minutes) => activityCount(alive, minutes, "activity")), minutesSinceActivity(alive, "activity"));
    if (motion !== null && motion.entities.length < alive.entities.length) definitions.push(minutesSinceActivity(motion, "motion"));
    definitions.push(silentDayHours(alive, timeZone));
    if (doors.length > 0 && doors.length < alive.entities.length) definitions.push(leftByDoor(alive, doors));
  }
  if (persons !== null) definitions.push(awayOf(persons, "share"), awayOf(persons, "all"));
  return definitions;
}
