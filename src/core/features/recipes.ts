import { HOUR_MS, MINUTE_MS } from "../time.ts";
import {
  type FeatureDefinition,
  type FeatureGroup,
  MINIMUM_COVERAGE,
  type Of,
  RULES,
  SILENCE_REACH_MS,
  SINCE_CAP_MS,
} from "./definition.ts";
import { slugOf } from "./names.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
/** More events than this in one horizon say nothing more. */
const COUNT_CAP = 10_000;

/** The sensors a recipe reads and how it names and groups them. */
export interface Subject {
  readonly name: string;
  readonly group: Exclude<FeatureGroup, "clock">;
  readonly entities: readonly string[];
  /** Members whose repeated `on` is activity. */
  readonly repeating: readonly string[];
}

interface Reads {
  readonly group: Subject["group"];
  readonly entities: string[];
  readonly rules: typeof RULES;
  readonly minimumCoverage: number;
}

const reads = ({ group, entities }: Subject): Reads => ({
  group,
  entities: [...entities].sort(),
  rules: RULES,
  minimumCoverage: MINIMUM_COVERAGE,
});
const sortedOf = (ids: readonly string[], among: readonly string[]): string[] => ids.filter((id) => among.includes(id)).sort();

export function onFraction(subject: Subject, minutes: number, prefix = ""): FeatureDefinition {
  return {
    kind: "on_fraction",
    name: `${subject.name}:${prefix}on_fraction:${minutes}m`,
    ...reads(subject),
    horizonMs: minutes * MINUTE_MS,
  };
}

export function stateShare(subject: Subject, state: string, minutes: number): FeatureDefinition {
  return {
    kind: "state_share",
    name: `${subject.name}:share_${slugOf(state) || "other"}:${minutes}m`,
    ...reads(subject),
    state,
    horizonMs: minutes * MINUTE_MS,
  };
}

/** Named `activity` where repeated states count, `changes` where only changes do. */
export function activityCount(
  subject: Subject,
  minutes: number,
  word = subject.repeating.length > 0 ? "activity" : "changes",
): FeatureDefinition {
  return {
    kind: "activity_count",
    name: `${subject.name}:${word}:${minutes}m`,
    ...reads(subject),
    repeating: sortedOf(subject.repeating, subject.entities),
    horizonMs: minutes * MINUTE_MS,
    cap: COUNT_CAP,
  };
}

export function minutesSinceOn(subject: Subject): FeatureDefinition {
  return {
    kind: "minutes_since",
    name: `${subject.name}:minutes_since_on`,
    ...reads(subject),
    event: "on",
    repeating: [],
    capMs: SINCE_CAP_MS,
  };
}

export function minutesSinceActivity(subject: Subject, word = subject.repeating.length > 0 ? "activity" : "change"): FeatureDefinition {
  return {
    kind: "minutes_since",
    name: `${subject.name}:minutes_since_${word}`,
    ...reads(subject),
    event: "activity",
    repeating: sortedOf(subject.repeating, subject.entities),
    capMs: SINCE_CAP_MS,
  };
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
}

/** The entity's plain value is named by its id alone, so that a consumer that reads live states works, too. */
export function stateNow(subject: Subject, { low, high }: Pick<Bounds, "low" | "high">): FeatureDefinition {
  return { kind: "state_now", name: subject.name, ...reads(subject), low, high };
}

export function level(subject: Subject, statistic: Of<"level">["statistic"], minutes: number, bounds: Bounds): FeatureDefinition {
  const width = bounds.high - bounds.low;
  const { low, high } =
    statistic === "slope"
      ? { low: -width, high: width }
      : statistic === "spread" || statistic === "increase"
        ? { low: 0, high: width }
        : bounds;
  const prefix = bounds.scale === "log" ? "log_" : "";
  return {
    kind: "level",
    name: `${subject.name}:${prefix}${statistic}:${minutes}m`,
    ...reads(subject),
    statistic,
    horizonMs: minutes * MINUTE_MS,
    scale: bounds.scale,
    low,
    high,
  };
}

export function awayOf(persons: Subject, measure: Of<"away">["measure"]): FeatureDefinition {
  return { kind: "away", name: `${persons.name}:${measure === "share" ? "persons_away" : "everybody_away"}`, ...reads(persons), measure };
}

/** A motion sensor at the door still sees who leaves for a minute or two. */
const SETTLE_MS = 2 * MINUTE_MS;

export function leftByDoor(subject: Subject, doors: readonly string[]): FeatureDefinition {
  return {
    kind: "left_by_door",
    name: `${subject.name}:left_by_door`,
    ...reads(subject),
    doors: [...doors].sort(),
    repeating: sortedOf(subject.repeating, subject.entities),
    settleMs: SETTLE_MS,
    capMs: SINCE_CAP_MS,
    reachMs: SILENCE_REACH_MS,
  };
}

export function silentDayHours(subject: Subject, timeZone: string): FeatureDefinition {
  return {
    kind: "silent_hours",
    name: `${subject.name}:silent_day_hours`,
    ...reads(subject),
    repeating: sortedOf(subject.repeating, subject.entities),
    timeZone,
    fromHour: 9,
    toHour: 21,
    capHours: SINCE_CAP_MS / HOUR_MS,
    reachMs: SILENCE_REACH_MS,
  };
}

export function clockFeatures(timeZone: string, weekendDays: readonly number[]): FeatureDefinition[] {
  const clock = { group: "clock" as const, entities: [], timeZone };
  const waves = [1, 2].flatMap((harmonic) =>
    (["sin", "cos"] as const).map((wave) => ({
      kind: "clock_wave" as const,
      name: `clock:hour_${wave}${harmonic === 1 ? "" : `_${harmonic}`}`,
      ...clock,
      wave,
      harmonic,
    })),
  );
  return [...waves, { kind: "clock_days", name: "clock:weekend", ...clock, days: [...new Set(weekendDays)].sort(), leadHours: 12 }];
}

/** Each day of the week, midnight to midnight: for homes whose days differ by more than the weekend. */
export function weekdayFeatures(timeZone: string): FeatureDefinition[] {
  return DAYS.map((day, i) => ({
    kind: "clock_days",
    name: `clock:${day}`,
    group: "clock",
    entities: [],
    timeZone,
    days: [i + 1],
    leadHours: 0,
  }));
}
