import type { Zone } from "../time.ts";

/** A quarter of the local day, from midnight on. */
export type DayPart = "night" | "morning" | "afternoon" | "evening";

export const DAY_PARTS: readonly DayPart[] = ["night", "morning", "afternoon", "evening"];

/** What a stream tells of: how much stirs somewhere, a number, or how much of the time something holds. */
export type Measure = "activity" | "level" | "presence" | "light" | "on";

export interface Subject {
  readonly measure: Measure;
  /** Null: the home as a whole. */
  readonly place: { readonly kind: "area" | "entity"; readonly name: string } | null;
  /** Of a level. */
  readonly unit: string | null;
}

export interface Told {
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  readonly detectedAtMs: number;
  readonly withdrawnAtMs: number | null;
  /** Counts an hour, levels, or shares of the time. */
  readonly beforeMean: number;
  readonly afterMean: number;
  /** The part of the day that the change is in, with its own means; null: the whole day, or not known. */
  readonly part: { readonly name: DayPart; readonly beforeMean: number; readonly afterMean: number } | null;
}

const WHEN: Readonly<Record<DayPart, string>> = {
  night: "at night",
  morning: "in the morning",
  afternoon: "in the afternoon",
  evening: "in the evening",
};

const DAY_MS = 86_400_000;

/** "Since 3 November the hallway is used 40 % more at night." Dates are the home's; the year is told where it is not the present one. */
export function wordsOf(subject: Subject, told: Told, zone: Zone): string {
  const { beforeMean, afterMean } = told.part ?? told;
  const when = told.part === null ? "" : ` ${WHEN[told.part.name]}`;
  const since = `${told.startHighMs - told.startLowMs > 2 * DAY_MS ? "about " : ""}${dateOf(told.startMs, told.detectedAtMs, zone)}`;
  const sentence = `Since ${since} ${changeOf(subject, beforeMean, afterMean, when)}.`;
  if (told.withdrawnAtMs === null) return sentence;
  return `${sentence}${takenBack(told.withdrawnAtMs, zone)}`;
}

/** What is added to a report that faded, or that told of what is over. */
export function takenBack(atMs: number, zone: Zone): string {
  return ` Taken back on ${dateOf(atMs, atMs, zone)}: it has faded.`;
}

/** What is added to a report whose stream fell silent before it could be confirmed. */
export function cutOff(atMs: number, zone: Zone): string {
  return ` Neither confirmed nor taken back: nothing was heard after ${dateOf(atMs, atMs, zone)}.`;
}

function changeOf({ measure, place, unit }: Subject, before: number, after: number, when: string): string {
  const name = place === null ? "the home" : place.kind === "area" ? areaPhrase(place.name) : place.name;
  if (!Number.isFinite(before) || !Number.isFinite(after)) return `${name} is not as it was${when}`;
  switch (measure) {
    case "activity":
      return `${name} is ${amountOf(before, after)}${when}`;
    case "level":
      return levelOf(name, before, after, when, unit === null ? "" : unit === "%" ? " %" : ` ${unit}`);
    case "presence":
      return `somebody is in ${name} ${shareOf(before, after)}${when}`;
    case "light":
      return `the light in ${name} is on ${shareOf(before, after)}${when}`;
    case "on":
      return `${name} is on ${shareOf(before, after)}${when}`;
  }
}

/** Beyond a factor of two, or of a half, percents say less than the factor itself. */
function amountOf(before: number, after: number): string {
  if (before <= 0) return after <= 0 ? "not used as it was" : "used, which it was not before";
  const factor = after / before;
  if (factor < 0.02) return "hardly used any more";
  if (factor > 50) return "used, which it hardly was before";
  if (factor >= 2) return `used ${figure(factor)} times as much`;
  const percent = Math.round(100 * Math.abs(factor - 1));
  if (percent === 0) return "used about as much, at other times";
  return `used ${percent} % ${factor > 1 ? "more" : "less"}`;
}

function levelOf(name: string, before: number, after: number, when: string, unit: string): string {
  const direction = after > before ? "higher" : "lower";
  return `${name} is ${figure(Math.abs(after - before))}${unit} ${direction}${when} (${figure(after)} instead of ${figure(before)})`;
}

function shareOf(before: number, after: number): string {
  const percents = (share: number): string => figure(Math.round(1000 * share) / 10);
  return `${percents(after)} % of the time instead of ${percents(before)} %`;
}

/** Two digits that matter, or all before the point. */
function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return String(Math.round(10 * value) / 10);
  return String(Number(value.toPrecision(2)));
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

function dateOf(atMs: number, nowMs: number, zone: Zone): string {
  const [year = "", month = "", day = ""] = zone.dateAt(atMs).split("-");
  const date = `${Number(day)} ${MONTHS[Number(month) - 1]}`;
  return zone.dateAt(nowMs).startsWith(year) ? date : `${date} ${year}`;
}

/** Rooms are spoken of with an article and in small letters; any other name stays as its owner wrote it. */
const ROOMS =
  /^(?:[a-z]+ )?(?:attic|basement|bath|bathroom|bedroom|cellar|corridor|dining room|entrance|garage|garden|hall|hallway|kitchen|landing|laundry|library|living room|nursery|office|room|shower|stairs|study|toilet|workshop)$/i;

function areaPhrase(name: string): string {
  return ROOMS.test(name) ? `the ${name.toLowerCase()}` : name;
}
