import { readConfig } from "../config/config.ts";
import { createZone, type Zone } from "../core/time.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import type { Environment } from "./command.ts";
import { openExisting } from "./database.ts";

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
