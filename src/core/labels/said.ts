import { DAY_MS, type Zone } from "../time.ts";
import type { Label, LabelKind } from "./label.ts";

/** A label that somebody types, draws or imports. */
export interface SaidSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: LabelKind;
  /** When it was said; absent = now. Never before its end. */
  readonly capturedAtMs?: number | undefined;
  /** Zone of the text it came from; absent = the home's. */
  readonly timeZone?: string | undefined;
  readonly rawStart?: string | undefined;
  readonly rawEnd?: string | undefined;
}

export interface SayingRules {
  readonly zone: Zone;
  readonly longestMs: number;
  readonly nowMs: number;
}

/** A day with the end of summer time, in a zone that shifts by more than an hour. */
const LONGEST_DAY_MS = DAY_MS + 3 * 3_600_000;

/** A label beyond this is a slip of the pen: nothing of a home is known from so long ago, and nobody plans a holiday so far ahead. */
const OLDEST_YEARS = 10;
const YEAR_MS = 366 * DAY_MS;

/** Why a span that begins at this instant can be no label; null when that is no hindrance. */
export function faultOfStart(startMs: number, nowMs: number): string | null {
  if (startMs >= nowMs - OLDEST_YEARS * YEAR_MS) return null;
  return `It begins more than ${OLDEST_YEARS} years ago; correct the year.`;
}

/** Why a span can be no label, as a sentence that says what to do; null when it can. */
export function faultOfSpan({ startMs, endMs, kind, capturedAtMs }: SaidSpan, { longestMs, nowMs }: SayingRules): string | null {
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs)) return "The start or the end is no time.";
  if (endMs === startMs) return "Start and end are the same instant, so there is nothing between them.";
  if (endMs < startMs) return "The end lies before the start; swap them or correct the date.";
  const fault = faultOfStart(startMs, nowMs);
  if (fault !== null) return fault;
  if (kind === "positive" && endMs - startMs > longestMs) return tooLong(endMs - startMs, longestMs);
  if (kind === "negative" && endMs - startMs > LONGEST_DAY_MS) {
    return "A negative label speaks for one day at most. Give one line for each day, or exclude the span.";
  }
  if (endMs > nowMs && kind !== "excluded") return "The end has not come yet: a label says what was. Say it again once it has passed.";
  if (endMs > nowMs + YEAR_MS) return "It ends more than a year ahead; correct the year, or exclude the rest when its time comes.";
  if (capturedAtMs !== undefined && capturedAtMs > nowMs) return "It claims to have been said in the future; correct captured_at.";
  if (capturedAtMs !== undefined && capturedAtMs < endMs && kind !== "excluded") {
    return "It claims to have been said before its end; correct captured_at.";
  }
  return null;
}

function tooLong(lengthMs: number, longestMs: number): string {
  const hours = (ms: number): string => (Math.round(ms / 36_000) / 100).toString();
  return `It lasts ${hours(lengthMs)} hours, longer than a label may (${hours(longestMs)}, the option max_label_hours). One of both may belong to another day.`;
}

/** The label of a span without fault. */
export function labelOfSpan(
  span: SaidSpan,
  zone: Zone,
  said: { readonly source: string; readonly saidBy: string | null; readonly nowMs: number },
): Label {
  return {
    startMs: span.startMs,
    endMs: span.endMs,
    localDate: zone.dateAt(span.endMs),
    timeZone: zone.timeZone,
    kind: span.kind,
    source: said.source,
    capturedAtMs: span.capturedAtMs ?? said.nowMs,
    rawStart: span.rawStart ?? null,
    rawEnd: span.rawEnd ?? null,
    saidBy: said.saidBy,
    status: "active",
    reason: null,
  };
}
