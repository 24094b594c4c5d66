import type { Zone } from "../../words/zone.ts";

/** What the picture shows: [fromMs, toMs). */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

export const SPANS = ["night", "day", "week", "month", "year"] as const;
export type SpanName = (typeof SPANS)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Days that end with the one named. */
const DAYS = { day: 1, week: 7, month: 30, year: 365 } as const;
const SHORTEST_MS = 15 * MINUTE_MS;
const LONGEST_MS = 5 * 366 * DAY_MS;
const NOON = 12;

export interface Place {
  readonly rest: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/**
 * What an address shows: `/timeline/2026-11-21` is the night to that morning, `?span=week` the days up to and with it, `?from=…&to=…` any range,
 * nothing at all the last 24 hours.
 */
export function viewOf({ rest, query }: Place, zone: Zone, nowMs: number): View {
  const [fromMs, toMs] = [Date.parse(query["from"] ?? ""), Date.parse(query["to"] ?? "")];
  if (toMs - fromMs >= SHORTEST_MS && toMs - fromMs <= LONGEST_MS) return { fromMs, toMs };
  const date = rest.find((part) => /^\d{4}-\d{2}-\d{2}$/.test(part) && !Number.isNaN(Date.parse(part)));
  const span = spanOf(query["span"]);
  if (date === undefined && span === null) {
    const endMs = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
    return { fromMs: endMs - DAY_MS, toMs: endMs };
  }
  const day = date === undefined ? zone.dayAt(nowMs) : Math.round(Date.parse(date) / DAY_MS);
  return spanTo(zone, span ?? "night", day);
}

/** The night, or the days, that end with a day. */
export function spanTo(zone: Zone, span: SpanName, day: number): View {
  if (span === "night") return { fromMs: zone.dayStartMs(day - 1, NOON), toMs: zone.dayStartMs(day, NOON) };
  return { fromMs: zone.dayStartMs(day - DAYS[span] + 1), toMs: zone.dayStartMs(day + 1) };
}

export function spanOf(name: string | undefined): SpanName | null {
  return SPANS.find((each) => each === name) ?? null;
}

/** The span that the view is, to the millisecond, whatever its day; null where it is none. */
export function spanShown(zone: Zone, view: View): SpanName | null {
  const day = lastDay(zone, view);
  return (
    SPANS.find((span) => {
      const { fromMs, toMs } = spanTo(zone, span, day);
      return fromMs === view.fromMs && toMs === view.toMs;
    }) ?? null
  );
}

/** The day in which a view ends. */
export const lastDay = (zone: Zone, { toMs }: View): number => zone.dayAt(toMs - 1);

/** The one before or after it: whole days stay whole days, also when the clocks change. */
export function neighbour(zone: Zone, view: View, direction: -1 | 1): View {
  const span = spanShown(zone, view);
  if (span === null) return moved(view, direction);
  return spanTo(zone, span, lastDay(zone, view) + direction * (span === "night" ? 1 : DAYS[span]));
}

/** Along the time by a share of what is shown. */
export function moved({ fromMs, toMs }: View, share: number): View {
  const byMs = Math.round((toMs - fromMs) * share);
  return { fromMs: fromMs + byMs, toMs: toMs + byMs };
}

/** So many times as long, about an instant that stays in its place. */
export function zoomed({ fromMs, toMs }: View, factor: number, aboutMs: number): View {
  const wanted = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (toMs - fromMs) * factor));
  const start = aboutMs - ((aboutMs - fromMs) / (toMs - fromMs)) * wanted;
  const rounded = Math.round(start / MINUTE_MS) * MINUTE_MS;
  return { fromMs: rounded, toMs: rounded + Math.round(wanted / MINUTE_MS) * MINUTE_MS };
}

/** The address of a view. */
export function addressOf(zone: Zone, view: View): { readonly path: string; readonly query: Readonly<Record<string, string>> } {
  const span = spanShown(zone, view);
  if (span !== null) {
    const date = new Date(lastDay(zone, view) * DAY_MS).toISOString().slice(0, 10);
    return { path: `/timeline/${date}`, query: span === "night" ? {} : { span } };
  }
  return { path: "/timeline", query: { from: minuteText(view.fromMs), to: minuteText(view.toMs) } };
}

export const minuteText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16)}Z`;
