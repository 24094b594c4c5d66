import { nowMs } from "../client/clock.ts";
import { locale } from "./locale.ts";
import { words } from "./words.ts";
import { createZone, type Zone } from "./zone.ts";

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Where times are meant: the home's zone, or this device's where the person's profile says so. */
export let zone: Zone = createZone("UTC");
/** The home's own. */
export let homeZone = "UTC";
let formats = formatsIn("UTC");

interface Format {
  format(atMs: number): string;
}

export function setZone(timeZone: string): void {
  homeZone = timeZone;
  zone = createZone(locale.isLocalZone ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone);
  formats = formatsIn(zone.timeZone);
}

function formatsIn(timeZone: string) {
  /** Made when first needed: each costs a phone some milliseconds. */
  const format = (wanted: Intl.DateTimeFormatOptions): Format => {
    let made: Intl.DateTimeFormat | null = null;
    return {
      format(atMs) {
        made ??= new Intl.DateTimeFormat(locale.dates, { timeZone, ...(locale.hourCycle && { hourCycle: locale.hourCycle }), ...wanted });
        return made.format(atMs);
      },
    };
  };
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  return {
    clock: format(clock),
    day: format({ weekday: "short", day: "numeric", month: "short" }),
    dayOfYear: format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
    weekday: format({ weekday: "short", ...clock }),
    dated: format({ day: "numeric", month: "short", ...clock }),
    datedOfYear: format({ day: "numeric", month: "short", year: "numeric", ...clock }),
    whole: format({ dateStyle: "full", timeStyle: "long" }),
    month: format({ month: "long", year: "numeric" }),
    date: format({ day: "numeric", month: "long" }),
    dateOfYear: format({ day: "numeric", month: "long", year: "numeric" }),
  };
}

/** "14:02" */
export const clockText = (atMs: number): string => formats.clock.format(atMs);

const isThisYear = (atMs: number): boolean => zone.dateAt(atMs).slice(0, 4) === zone.dateAt(nowMs()).slice(0, 4);

/** "Sat, 21 Nov", with its year where it is another one. */
export function dayText(atMs: number): string {
  return (isThisYear(atMs) ? formats.day : formats.dayOfYear).format(atMs);
}

/** "November 21", with its year where it is another one. */
export function dateText(atMs: number): string {
  return (isThisYear(atMs) ? formats.date : formats.dateOfYear).format(atMs);
}

/** "November 2026" */
export const monthText = (atMs: number): string => formats.month.format(atMs);

/** The day and the clock, whatever the day. */
export function datedText(atMs: number): string {
  return (isThisYear(atMs) ? formats.dated : formats.datedOfYear).format(atMs);
}

/** The clock alone today, with its weekday within a week, with the date beyond. */
export function stamp(atMs: number): string {
  const today = zone.dayAt(nowMs());
  const day = zone.dayAt(atMs);
  if (day === today) return clockText(atMs);
  return Math.abs(today - day) < 7 ? formats.weekday.format(atMs) : datedText(atMs);
}

/** All of it, with the zone: what a `title` says. */
export const wholeStamp = (atMs: number): string => formats.whole.format(atMs);

/** "4 s ago" within the hour, the stamp beyond. */
export function ago(atMs: number): string {
  const pastMs = nowMs() - atMs;
  return pastMs < HOUR_MS ? words.times.ago(duration(Math.max(0, pastMs))) : stamp(atMs);
}

/** "in 3 min" within the hour, the stamp beyond. */
export function until(atMs: number): string {
  const leftMs = atMs - nowMs();
  if (leftMs <= 0) return words.times.now;
  return leftMs < HOUR_MS ? words.times.in(duration(leftMs)) : stamp(atMs);
}

/** A day that both ends share is said once: "Sat 21 Nov, 23:10 → 07:15 (8 h 5 min)". */
export function rangeText(fromMs: number, toMs: number): string {
  const isOneDay = zone.dayAt(fromMs) === zone.dayAt(toMs);
  return `${datedText(fromMs)} → ${isOneDay ? clockText(toMs) : datedText(toMs)} (${duration(toMs - fromMs)})`;
}

/** "40 s", "12 min", "8 h 5 min", "3 d 4 h", never broken over two lines. */
export function duration(spanMs: number): string {
  const { s, min, h, d } = words.times;
  if (spanMs < MINUTE_MS) return `${Math.round(spanMs / SECOND_MS)}\u00a0${s}`;
  const minutes = Math.round(spanMs / MINUTE_MS);
  if (minutes < 60) return `${minutes}\u00a0${min}`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? pair(hours, h, minutes % 60, min) : pair(Math.floor(hours / 24), d, hours % 24, h);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}\u00a0${largeUnit}` : `${large}\u00a0${largeUnit}\u00a0${small}\u00a0${smallUnit}`;
}

/** Milliseconds of an instant's text; the API's are all UTC. */
export const at = (utc: string): number => Date.parse(utc);
