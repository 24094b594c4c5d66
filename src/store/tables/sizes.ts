import { DAY_MS } from "../../core/time.ts";
import type { Db } from "../db.ts";
import type { RetentionLimits } from "./retention.ts";

/** Facts of size as kept in health: numbers of bytes. */
export type Sizes = Readonly<Record<`size_${string}`, number>>;

const LOOKED_BACK_DAYS = 7;
/** Shorter pasts tell nothing about a day. */
const SHORTEST_MS = 3_600_000;

/**
 * What the tables take, what an event and a window cost, how much comes a day, and what the file will have when the limits of retention are
 * reached. Reads every page once: for the nightly run, in a thread that may wait.
 */
export function readSizes(db: Db, limits: RetentionLimits & { readonly gridMs: number; readonly nowMs: number }): Sizes {
  const tables = new Map(
    db
      .all<{ name: string; bytes: number }>("SELECT name, pgsize AS bytes FROM dbstat WHERE aggregate = 1")
      .map((row) => [row.name, row.bytes]),
  );
  const total = [...tables.values()].reduce((sum, bytes) => sum + bytes, 0);
  const rawBytes = tables.get("raw_events") ?? 0;
  const featureBytes = (tables.get("features") ?? 0) + (tables.get("features_by_window") ?? 0);
  const rows = (table: string): number => db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)!.n;
  const [events, windows] = [rows("raw_events"), rows("features INDEXED BY features_by_window")];
  const perEvent = events > 0 ? rawBytes / events : 0;
  const perWindow = windows > 0 ? featureBytes / windows : 0;
  const eventsPerDay = dailyEvents(db, limits.nowMs);
  const windowsPerDay = windows > 0 ? DAY_MS / limits.gridMs : 0;
  // Their vectors repeat the features that a model uses, for each target.
  const predictionBytes = (tables.get("predictions") ?? 0) + (tables.get("predictions_curve") ?? 0);
  const predictions = rows("predictions INDEXED BY predictions_curve");
  const targets = rows("targets WHERE retired_at_ms IS NULL");
  const predictionBytesPerDay = predictions > 0 ? (windowsPerDay * targets * predictionBytes) / predictions : 0;
  const rest = total - rawBytes - featureBytes - predictionBytes;
  return {
    size_events: rawBytes,
    size_features: featureBytes,
    size_per_event: Math.round(perEvent * 10) / 10,
    size_per_window: Math.round(perWindow),
    size_growth_per_day: Math.round(eventsPerDay * perEvent + windowsPerDay * perWindow + predictionBytesPerDay),
    size_forecast: Math.round(
      rest +
        Math.max(rawBytes, eventsPerDay * limits.rawDays * perEvent) +
        Math.max(featureBytes, windowsPerDay * limits.featureDays * perWindow) +
        Math.max(predictionBytes, limits.featureDays * predictionBytesPerDay),
    ),
  };
}

/** Events a day over the last days of which there are any. */
function dailyEvents(db: Db, nowMs: number): number {
  const fromUs = (nowMs - LOOKED_BACK_DAYS * DAY_MS) * 1000;
  const first = db.get<{ us: number }>(
    "SELECT updated_us AS us FROM raw_events WHERE updated_us >= ? ORDER BY updated_us LIMIT 1",
    fromUs,
  )?.us;
  if (first === undefined) return 0;
  const spanMs = Math.max(SHORTEST_MS, nowMs - first / 1000);
  return (db.get<{ n: number }>("SELECT count(*) AS n FROM raw_events WHERE updated_us >= ?", fromUs)!.n * DAY_MS) / spanMs;
}
