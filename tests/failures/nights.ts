import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "./source.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Nights up to yesterday that somebody told in the morning, and what the home did meanwhile: enough to train on. */
export function recordNights(source: Source, nights: number, timeZone = "Europe/Amsterdam"): void {
  const nowMs = source.nowMs();
  for (let night = nights; night > 0; night -= 1) {
    const middayMs = Math.floor(nowMs / (24 * HOUR_MS)) * 24 * HOUR_MS - night * 24 * HOUR_MS + 12 * HOUR_MS;
    const startMs = middayMs + (10.5 + (night % 3) * 0.3) * HOUR_MS;
    const endMs = startMs + (7.5 + (night % 4) * 0.2) * HOUR_MS;
    // In the morning the newest night's day is not over: what is still to come has not been recorded.
    const untilMs = Math.min(middayMs + 24 * HOUR_MS, nowMs - MINUTE_MS);
    for (let atMs = middayMs; atMs < untilMs; atMs += 10 * MINUTE_MS) {
      const isAsleep = atMs >= startMs && atMs < endMs;
      source.record("binary_sensor.bed", isAsleep ? "on" : "off", atMs);
      source.record("sensor.power", String(isAsleep ? 60 + (atMs % 7) : 300 + (atMs % 211)), atMs + 1_000);
      if (!isAsleep) source.record("light.kitchen", (atMs / MINUTE_MS) % 20 === 0 ? "on" : "off", atMs + 2_000);
    }
    if (endMs + 22 * MINUTE_MS > nowMs) continue;
    source.record("input_datetime.sleep_start", localText(timeZone, startMs), endMs + 20 * MINUTE_MS);
    source.record("input_datetime.sleep_end", localText(timeZone, endMs), endMs + 21 * MINUTE_MS);
  }
}

/** Options under which a few nights are enough. */
export function easyGates(folder: string): Readonly<Record<string, string>> {
  const path = join(folder, "options.json");
  writeFileSync(path, JSON.stringify({ gates: { rows_per_class: 10, preview_days: 2, eligible_days: 3, eligible_episodes: 2 } }));
  return { OPTIONS_FILE: path };
}

function localText(timeZone: string, atMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs / 1000) * 1000)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: "second" })
    .replace("T", " ");
}
