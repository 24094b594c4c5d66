import type { OverviewBody } from "../../../api/routes.ts";
import { DAY_MS } from "../../words/times.ts";

/** How large the file gets, and whether the disk has room for it. */
export interface Forecast {
  readonly mostBytes: number;
  /** Until it is so large; null where that cannot be told. */
  readonly reachedInMs: number | null;
  readonly isTooLarge: boolean;
  /** Of what it will take at most. */
  readonly share: number;
}

type Sizes = Pick<OverviewBody["health"], "databaseBytes" | "unusedBytes" | "forecastBytes" | "growthBytesPerDay" | "diskFreeBytes">;

/** Null before there has been a week to measure. */
export function forecastOf({ databaseBytes, unusedBytes, forecastBytes, growthBytesPerDay, diskFreeBytes }: Sizes): Forecast | null {
  if (databaseBytes === null || forecastBytes === null || forecastBytes <= 0) return null;
  const left = forecastBytes - (databaseBytes - (unusedBytes ?? 0));
  const grows = growthBytesPerDay !== null && growthBytesPerDay > 0 && left > 0;
  return {
    mostBytes: forecastBytes,
    reachedInMs: grows ? Math.ceil(left / growthBytesPerDay) * DAY_MS : null,
    isTooLarge: diskFreeBytes !== null && forecastBytes - databaseBytes > diskFreeBytes,
    share: Math.min(1, databaseBytes / forecastBytes),
  };
}
