import type { MessageBase } from "home-assistant-js-websocket";
import { z } from "zod";
import type { StateEvent } from "../core/events/event.ts";
import { usToIso } from "./instants.ts";

/** Hourly means of [fromMs, toMs): hours that begin in it. */
export interface StatisticsRequest {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StatisticsPage {
  readonly events: readonly StateEvent[];
  readonly rows: number;
  readonly malformed: number;
}

/** An entity whose hourly arithmetic means Home Assistant keeps, and the unit in which it tells them. */
export interface StatisticId {
  readonly entityId: string;
  readonly unit: string | null;
}

export const STATISTIC_IDS: MessageBase = { type: "recorder/list_statistic_ids", statistic_type: "mean" };

export function statisticsMessage({ entityIds, fromMs, toMs }: StatisticsRequest): MessageBase {
  return {
    type: "recorder/statistics_during_period",
    start_time: usToIso(fromMs * 1000),
    end_time: usToIso(toMs * 1000),
    statistic_ids: [...entityIds],
    period: "hour",
    types: ["mean"],
  };
}

/** Releases before 2025.11 say `has_mean` alone; 1 is the arithmetic mean, 2 that of an angle, which is no level. */
const idSchema = z.object({
  statistic_id: z.string(),
  display_unit_of_measurement: z.string().nullish(),
  source: z.string().optional(),
  mean_type: z.number().optional(),
});

/** Statistics that no entity has (`domain:name`, made by integrations) are left out. @throws ZodError when the answer is no list */
export function parseStatisticIds(answer: unknown): { readonly ids: StatisticId[]; readonly malformed: number } {
  const entries = z.array(z.unknown()).parse(answer);
  const parsed = entries.map((entry) => idSchema.safeParse(entry));
  const ids = parsed.flatMap(({ data }) => {
    if (data === undefined || !data.statistic_id.includes(".") || (data.mean_type ?? 1) !== 1) return [];
    return [{ entityId: data.statistic_id, unit: data.display_unit_of_measurement ?? null }];
  });
  return { ids, malformed: parsed.filter(({ success }) => !success).length };
}

const DIGITS = 7;

/**
 * Reads the answer: rows `{start, end, mean}` (ms) by entity. The mean of an hour is known when the hour is over, so its row stands there and
 * holds from then on: nothing of the future can leak into a window. Hours without a mean are left out.
 */
export function parseStatistics(answer: unknown): StatisticsPage {
  const events: StateEvent[] = [];
  const counts = { rows: 0, malformed: 0 };
  if (typeof answer !== "object" || answer === null) return { events, rows: 0, malformed: 1 };
  for (const [entityId, rows] of Object.entries(answer)) {
    if (!Array.isArray(rows)) {
      counts.malformed += 1;
      continue;
    }
    counts.rows += rows.length;
    for (const row of rows as readonly unknown[]) {
      const read = readRow(row);
      if (read === null) counts.malformed += 1;
      else if (read.mean !== null) {
        const state = String(Number(read.mean.toPrecision(DIGITS)));
        events.push({ entityId, state, updatedUs: read.endMs * 1000, knownAtMs: null, source: "statistics" });
      }
    }
  }
  return { events, ...counts };
}

function readRow(row: unknown): { readonly endMs: number; readonly mean: number | null } | null {
  if (typeof row !== "object" || row === null || !("end" in row) || !("mean" in row)) return null;
  const { end, mean } = row;
  if (typeof end !== "number" || !Number.isSafeInteger(end)) return null;
  if (mean === null) return { endMs: end, mean };
  return typeof mean === "number" && Number.isFinite(mean) ? { endMs: end, mean } : null;
}
