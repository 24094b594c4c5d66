import type { FeatureDefinition } from "../../features/definition.ts";
import { HOUR_MS, MINUTE_MS } from "../../time.ts";

/** A change that a person can picture. */
export const CHANGES = [
  "half of the time instead of never",
  "five events instead of none",
  "35 minutes instead of 5",
  "left an hour ago and nothing stirred",
  "one hour more",
  "everybody instead of nobody",
  "such a day instead of another",
  "on instead of off",
  "one usual step higher",
] as const;

/** What one coefficient says, for a change that a person can picture. */
export interface Effect {
  readonly feature: string;
  readonly change: (typeof CHANGES)[number];
  /** The change, as the first half of a sentence. */
  readonly words: string;
  /** By what the odds are multiplied when that change happens and nothing else does. */
  readonly odds: number;
  /** |coefficient| times the training standard deviation: how much the feature moves the logit in this home. */
  readonly weight: number;
}

export interface Weighed {
  readonly model: { readonly coefficients: readonly number[] };
  readonly feature_names: readonly string[];
  /** Models of older versions have none. */
  readonly scale?: Readonly<Record<string, number>>;
}

/** Effects of a model, the weightiest first. Waves of the clock only say something together and are left out; so are features unknown here. */
export function effectsOf(artifact: Weighed, definitions: readonly FeatureDefinition[]): Effect[] {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const scale = artifact.scale ?? {};
  return artifact.feature_names
    .flatMap((feature, k): Effect[] => {
      const definition = byName.get(feature);
      const change = definition === undefined ? null : changeOf(definition, scale[feature] ?? 1);
      if (change === null) return [];
      const coefficient = artifact.model.coefficients[k]!;
      const weight = Math.abs(coefficient) * (scale[feature] ?? 0);
      return [{ feature, change: change.kind, words: change.words, odds: Math.exp(coefficient * change.by), weight }];
    })
    .sort((a, b) => b.weight - a.weight || (a.feature < b.feature ? -1 : 1));
}

interface Change {
  readonly kind: Effect["change"];
  readonly words: string;
  /** In units of the stored value. */
  readonly by: number;
}

const minutes = (horizonMs: number): string => `${horizonMs / MINUTE_MS} min`;

function changeOf(definition: FeatureDefinition, scale: number): Change | null {
  const who = subjectOf(definition.name);
  switch (definition.kind) {
    case "on_fraction":
      return {
        kind: "half of the time instead of never",
        words: `${onWords(definition.name, who)} for the half of ${minutes(definition.horizonMs)} instead of never`,
        by: 0.5,
      };
    case "state_share":
      return {
        kind: "half of the time instead of never",
        words: `${who} ${definition.state} for the half of ${minutes(definition.horizonMs)} instead of never`,
        by: 0.5,
      };
    case "activity_count":
      return {
        kind: "five events instead of none",
        words: `five events of ${who} in ${minutes(definition.horizonMs)} instead of none`,
        by: Math.log1p(5),
      };
    case "minutes_since":
      return {
        kind: "35 minutes instead of 5",
        words: definition.name.endsWith(":minutes_since_motion")
          ? `no motion in ${who} for 35 minutes instead of 5`
          : `${who} ${definition.event === "on" ? "off" : "quiet"} for 35 minutes instead of 5`,
        by: Math.log1p(35) - Math.log1p(5),
      };
    case "left_by_door":
      return {
        kind: "left an hour ago and nothing stirred",
        words: `somebody left an hour ago and nothing has stirred since`,
        by: Math.log1p(60),
      };
    case "silent_hours":
      return { kind: "one hour more", words: "one more hour of silence by day", by: 1 };
    case "away":
      return {
        kind: "everybody instead of nobody",
        words: definition.measure === "all" ? "the last one away, too, instead of somebody at home" : "everybody away instead of nobody",
        by: 1,
      };
    case "clock_days":
      return { kind: "such a day instead of another", words: `${dayOf(definition.name)} instead of another day`, by: 1 };
    case "state_now":
      return definition.low === 0 && definition.high === 1
        ? { kind: "on instead of off", words: `${who} on instead of off`, by: 1 }
        : { kind: "one usual step higher", words: `${who} higher by ${scale.toPrecision(2)}, as is usual here`, by: scale };
    case "level":
      return {
        kind: "one usual step higher",
        words: `${who} (${definition.statistic}, ${span(definition.horizonMs)}) higher by ${scale.toPrecision(2)}, as is usual here`,
        by: scale,
      };
    case "clock_wave":
      return null;
  }
}

function span(horizonMs: number): string {
  return horizonMs >= 2 * HOUR_MS ? `${horizonMs / HOUR_MS} h` : minutes(horizonMs);
}

/** A share of an area is one of its families of sensors: `area.bedroom:presence_on_fraction:30m`. */
function onWords(name: string, who: string): string {
  const family = name
    .split(":")[1]!
    .replace(/_?on_fraction$/, "")
    .replaceAll("_", " ");
  if (family === "") return `${who} on`;
  return family === "presence" ? `presence in ${who}` : `the ${family} in ${who} on`;
}

function dayOf(name: string): string {
  const day = name.slice("clock:".length);
  return day === "weekend" ? "the weekend, from its eve on," : `${day.charAt(0).toUpperCase()}${day.slice(1)}`;
}

/** `area.living_room:activity:60m` is "the living room", `home:…` "the home", an entity keeps its id. */
function subjectOf(name: string): string {
  const subject = name.split(":", 1)[0]!;
  if (subject === "home") return "the home";
  // An area may have that very name.
  if (subject === "area.home") return "the area home";
  return subject.startsWith("area.") ? `the ${subject.slice(5).replaceAll("_", " ")}` : subject;
}
