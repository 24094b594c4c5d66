import { readConfig } from "../config/config.ts";
import { createZone, type Zone } from "../core/time.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import type { Environment } from "./command.ts";
import { openExisting } from "./database.ts";

/** An instant as a person at this home reads it, and may say it again: `2026-11-22T22:50+01:00`. */
export function shownTime(atMs: number, { timeZone }: Zone): string {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(timeZone);
  return at.toString({ timeZoneName: "never", smallestUnit: at.second === 0 ? "minute" : "second" });
}

/** The zone in which a person at this home tells the time: that of the options, else the one Home Assistant told. */
export function homeZone(environment: Environment): Zone {
  const { options, dbPath } = readConfig(environment);
  if (options.time_zone !== undefined) return createZone(options.time_zone);
  const db = openExisting(dbPath);
  try {
    return createZone(getMetadata(db, "time_zone") ?? "UTC");
  } finally {
    db.close();
  }
}
