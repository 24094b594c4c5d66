import { z } from "zod";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time.ts";

/**
 * How knowledge of an entity begins and ends. Every definition names the number of the rules it was written for, so that a
 * change here is a change of every definition that reads an entity.
 */
export const RULES = 1;
/** A value of which a smaller share of its span is known is none: NULL, never 0. */
export const MINIMUM_COVERAGE = 0.5;
/** So long after the first `unavailable` or `unknown` the last real state still holds. */
export const GRACE_MS = 10 * MINUTE_MS;
/** A state nobody repeated holds so long, then it is unknown. */
export const HOLD_LAST_MS = 7 * DAY_MS;
/** "Minutes since" says no more than this. */
export const SINCE_CAP_MS = 12 * HOUR_MS;
/** How far back a silence is followed: two days hold more daylight than its cap, and nobody sleeps so long. */
export const SILENCE_REACH_MS = 2 * DAY_MS;

const ids = z.array(z.string()).readonly();
const someIds = z.array(z.string()).min(1).readonly();
const span = z.int().positive();
const bound = z.number();

const reads = {
  group: z.enum(["home", "area", "entity"]),
  entities: someIds,
  rules: z.literal(RULES),
  minimumCoverage: z.number().min(0).max(1),
};
const clock = { group: z.literal("clock"), entities: z.array(z.string()).max(0).readonly(), timeZone: z.string() };
/** An activity event is a change, or an `on` right after an `on` of a sensor listed here (a detector that fires again). */
const repeating = ids;

/** The closed list of kinds. Entities are sorted; spans are milliseconds; what is a logarithm is the natural one of 1 + x. */
export const definitionSchema = z.discriminatedUnion("kind", [
  /** Share of the known part of the horizon in which any member was on: 0 to 1. */
  z.strictObject({ kind: z.literal("on_fraction"), ...reads, horizonMs: span }),
  /** Share of the known part of the horizon in which the only member was in `state`: 0 to 1. */
  z.strictObject({ kind: z.literal("state_share"), ...reads, state: z.string().min(1), horizonMs: span }),
  /** log(1 + activity events of all members in the horizon), counted to `cap`. */
  z.strictObject({ kind: z.literal("activity_count"), ...reads, repeating, horizonMs: span, cap: span }),
  /** log(1 + minutes since a member was last on (0 while one is), or since the last activity event), at most `capMs`. */
  z.strictObject({ kind: z.literal("minutes_since"), ...reads, event: z.enum(["on", "activity"]), repeating, capMs: span }),
  /** The state at the window's end: 1 or 0, or the number, cut to low..high. One member. */
  z.strictObject({ kind: z.literal("state_now"), ...reads, low: bound, high: bound }),
  /**
   * Of one numeric member over the known part of the horizon, weighted by time: mean, minimum, maximum, slope (least squares, per
   * hour), spread (standard deviation). Increase: the sum of the differences to the state before, of a counter that starts again from 0
   * now and then (see `increaseOf`). Cut to low..high, then with scale `log` sign(x) · log(1 + |x|).
   */
  z.strictObject({
    kind: z.literal("level"),
    ...reads,
    statistic: z.enum(["mean", "minimum", "maximum", "slope", "spread", "increase"]),
    horizonMs: span,
    scale: z.enum(["linear", "log"]),
    low: bound,
    high: bound,
  }),
  /** Share of the known members that are off (persons: not at home), or 1 when all of them are. */
  z.strictObject({ kind: z.literal("away"), ...reads, measure: z.enum(["share", "all"]) }),
  /**
   * log(1 + minutes, at most `capMs`) since an entry door last moved, if no other member has turned on later than `settleMs` after
   * it: somebody left and nothing stirs. Else 0. An empty house is as silent as a sleeping one; this tells them apart. When nothing
   * at all has stirred for `reachMs`, longer than anybody sleeps, the house counts as left for `capMs`.
   */
  z.strictObject({ kind: z.literal("left_by_door"), ...reads, doors: someIds, repeating, settleMs: span, capMs: span, reachMs: span }),
  /** Hours between `fromHour` and `toHour` by the wall clock that lie in the present silence, at most `capHours`: who sleeps is not silent by day. */
  z.strictObject({
    kind: z.literal("silent_hours"),
    ...reads,
    repeating,
    timeZone: z.string(),
    fromHour: z.int().min(0).max(24),
    toHour: z.int().min(0).max(24),
    capHours: z.number().positive(),
    reachMs: span,
  }),
  /** Sine or cosine of the local hour at the window's end, once or twice round a day. */
  z.strictObject({ kind: z.literal("clock_wave"), ...clock, wave: z.enum(["sin", "cos"]), harmonic: z.int().min(1).max(4) }),
  /** 1 when the local day is one of `days` (1 = Monday), each day beginning `leadHours` before its midnight: the evening before a free day counts. */
  z.strictObject({
    kind: z.literal("clock_days"),
    ...clock,
    days: z.array(z.int().min(1).max(7)).readonly(),
    leadHours: z.int().min(0).max(24),
  }),
]);

export type FeatureRecipe = Readonly<z.infer<typeof definitionSchema>>;
/** A recipe with its readable name, which is unique within a feature set. */
export type FeatureDefinition = FeatureRecipe & { readonly name: string };
export type FeatureKind = FeatureRecipe["kind"];
export type FeatureGroup = FeatureRecipe["group"];
/** The definitions of one kind. */
export type Of<Kind extends FeatureKind> = Extract<FeatureDefinition, { readonly kind: Kind }>;

/** Canonical JSON of everything but the name: the definition's identity, and what is stored. Keys sorted, no spaces. */
export function identityOf(definition: FeatureDefinition): string {
  const parts = Object.entries(definition)
    .filter(([key]) => key !== "name")
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(parts));
}

/** A stored definition. @throws ZodError or SyntaxError when the text is none. */
export function readDefinition(name: string, text: string): FeatureDefinition {
  return { ...definitionSchema.parse(JSON.parse(text)), name };
}

export interface LookBack {
  /** Longest horizon of counts, shares and levels: what "look-back" means for pairs. 0 when there is none. */
  readonly longestHorizonMs: number;
  /** Longest span from which a value may be taken at all: horizons, caps of "minutes since", silence. */
  readonly reachMs: number;
  /** How long a state may hold. Events of [window_end - reachMs - holdLastMs, window_end) decide every value. */
  readonly holdLastMs: number;
}

export function lookBackMs(definitions: readonly FeatureDefinition[]): LookBack {
  let longestHorizonMs = 0;
  let reachMs = 0;
  let holdLastMs = 0;
  for (const definition of definitions) {
    if ("horizonMs" in definition) longestHorizonMs = Math.max(longestHorizonMs, definition.horizonMs);
    reachMs = Math.max(reachMs, reachOf(definition));
    if (definition.entities.length > 0) holdLastMs = HOLD_LAST_MS;
  }
  return { longestHorizonMs, reachMs, holdLastMs };
}

/** How far back the definitions look at each entity; a state that held then is looked at too. */
export function reachByEntity(definitions: readonly FeatureDefinition[]): Map<string, number> {
  const reaches = new Map<string, number>();
  for (const definition of definitions) {
    const reach = reachOf(definition);
    for (const entityId of definition.entities) reaches.set(entityId, Math.max(reach, reaches.get(entityId) ?? 0));
  }
  return reaches;
}

/** The span before a window's end whose changes and states a value of this definition is taken from. */
export function reachOf(definition: FeatureDefinition): number {
  if ("reachMs" in definition) return definition.reachMs;
  if ("horizonMs" in definition) return definition.horizonMs;
  return "capMs" in definition ? definition.capMs : 0;
}
