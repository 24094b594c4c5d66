import { EVENT_SOURCES, isEvent } from "../../core/events/event.ts";
import type { Db } from "../db.ts";

export interface QuietQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  /** Shorter holes are of no interest, and cost nothing. */
  readonly atLeastMs: number;
}

export interface ShownQuiet {
  /** The longest hole between two stored events while somebody listened, ms; 0 where none was that long. */
  readonly longestMs: number;
  /** How much past the answer rests on, ms. */
  readonly pastMs: number;
}

const EVENTS_ALONE = `source IN (${EVENT_SOURCES.flatMap((source, code) => (isEvent(source) ? [code] : [])).join(", ")})`;

/**
 * The longest time for which no entity at all said anything. It goes from event to event in steps of nearly `atLeastMs`, so it reads a few
 * rows for each such span and not every one. A hole in which nobody listened tells nothing of the home.
 */
export function readLongestQuiet(db: Db, { fromMs, toMs, atLeastMs }: QuietQuestion): ShownQuiet {
  const after = (us: number): { readonly us: number } | undefined =>
    db.get(`SELECT updated_us AS us FROM raw_events WHERE updated_us > ? AND ${EVENTS_ALONE} ORDER BY updated_us LIMIT 1`, us);
  const lastWithin = (us: number, untilUs: number): { readonly us: number } | undefined =>
    db.get(
      `SELECT updated_us AS us FROM raw_events WHERE updated_us > ? AND updated_us <= ? AND ${EVENTS_ALONE} ORDER BY updated_us DESC LIMIT 1`,
      us,
      untilUs,
    );
  const wasMissed = (fromUs: number, toUs: number): boolean =>
    db.get("SELECT 1 FROM gaps WHERE entity_id IS NULL AND from_ms < ? AND to_ms > ? LIMIT 1", toUs / 1000, fromUs / 1000) !== undefined;
  const first = after(fromMs * 1000);
  if (first === undefined || first.us > toMs * 1000) return { longestMs: 0, pastMs: 0 };
  let longestMs = 0;
  for (let { us } = first; ; ) {
    const near = lastWithin(us, us + atLeastMs * 1000);
    const next = near ?? after(us);
    if (next === undefined || next.us > toMs * 1000) return { longestMs, pastMs: toMs - first.us / 1000 };
    if (near === undefined && !wasMissed(us, next.us)) longestMs = Math.max(longestMs, (next.us - us) / 1000);
    us = next.us;
  }
}
