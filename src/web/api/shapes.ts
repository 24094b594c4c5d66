import { z } from "zod";
import { SAID_INSTANT, saidEnd, saidInstant } from "../../core/said-instant.ts";
import { knownTimeZone } from "../../core/time.ts";
import { Problem } from "../problem.ts";

/** Shapes that many routes share: how a request says something, and what an answer looks like. */

const MOST_ITEMS = 1000;

/** A number in an address, where everything is text. */
export function wholeNumber(least: number, most: number) {
  const words = `must be one whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`;
  return z
    .string(words)
    .regex(/^\d{1,15}$/, words)
    .transform(Number)
    .pipe(z.int().min(least, words).max(most, words));
}

export const idNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);

export const yesNo = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .pipe(z.boolean());

export const name = z.string().min(1).max(255);
/** May be left out in a home that has one target only. */
export const targetName = name.optional().meta({ description: "may be left out where there is one target only" });
/** Several names, with commas between them. */
export const names = z
  .string()
  .max(8000)
  .transform((text) => text.split(",").filter((each) => each !== ""))
  .pipe(z.array(z.string().max(255)).max(200))
  .meta({ description: "names with commas between them" });

export const paging = {
  limit: wholeNumber(1, MOST_ITEMS).default(100),
  offset: wholeNumber(0, 1_000_000_000).default(0),
};

const WHEN = "an instant with a zone (2026-11-20T22:10Z), or a local time (2026-11-20T23:10) or date (2026-11-20) in the zone asked for";

export const instantText = z
  .string()
  .max(40)
  .regex(SAID_INSTANT, `must be ${WHEN}; in an address a + is written %2B`)
  .meta({ description: WHEN, examples: ["2026-11-20", "2026-11-20T23:10", "2026-11-20T22:10:00Z"] });

export const zoneName = z
  .string()
  .max(60)
  .refine(knownTimeZone, "is no time zone like Europe/Amsterdam")
  .meta({ description: "in which local times are meant; the home's when left out", examples: ["Europe/Amsterdam"] });

export const range = { from: instantText.optional(), to: instantText.optional(), zone: zoneName.optional() };

export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly zone?: string | undefined;
}

/** @throws Problem when it is no time of any calendar, like 30 February. */
export function instantOf(text: string, zone: string): number {
  const atMs = saidInstant(text, zone);
  if (atMs === null) throw new Problem(400, "no time", `${JSON.stringify(text)} is no time that there is. Write ${WHEN}.`);
  return atMs;
}

/** The end of what begins at `startMs`. @throws Problem when it is no time of any calendar */
export function endOf(text: string, zone: string, startMs: number): number {
  instantOf(text, zone);
  return saidEnd(text, zone, startMs)!;
}

/** Bounds in ms; either may be left open. @throws Problem when they are no times or the wrong way round. */
export function rangeOf({ from, to, zone }: AskedRange, homeZone: string): { fromMs: number | undefined; toMs: number | undefined } {
  const fromMs = from === undefined ? undefined : instantOf(from, zone ?? homeZone);
  const toMs = to === undefined ? undefined : endOf(to, zone ?? homeZone, fromMs ?? Number.NEGATIVE_INFINITY);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new Problem(400, "empty range", "The range ends before it begins. Swap from and to, or leave one out.");
  }
  return { fromMs, toMs };
}

/** A range with both ends: what is left out is the last part of it, so long. */
export function closedRange(asked: AskedRange, homeZone: string, nowMs: number, lengthMs: number): { fromMs: number; toMs: number } {
  const { fromMs, toMs } = rangeOf(asked, homeZone);
  const endMs = toMs ?? Math.max(nowMs, (fromMs ?? 0) + 1);
  return { fromMs: fromMs ?? endMs - lengthMs, toMs: endMs };
}

export const maybe = <T extends z.ZodType>(shape: T) => shape.nullable();
export const text = z.string();
export const number = z.number();
export const count = z.int().min(0);
export const document = z.record(z.string(), z.unknown());

export function pageOf<T extends z.ZodRawShape>(item: T) {
  return z.object({ items: z.array(z.object(item)), total: count.describe("how many there are in all"), limit: count, offset: count });
}
