import type { z } from "zod";
import { CommandError } from "./connection.ts";
import { type Recorder, recordedSeconds } from "./recorder.ts";
import type { importSchema, StatisticPeriod } from "./schemas.ts";

export const STATISTIC_TYPES = ["change", "last_reset", "max", "mean", "min", "state", "sum"] as const;
export type StatisticType = (typeof STATISTIC_TYPES)[number];

/** One hour, or five minutes: `{start, end}` in ms and what was asked for. */
export type StatisticRow = { readonly start: number; readonly end: number } & Partial<Record<StatisticType, number | null>>;

export interface StatisticsQuery {
  readonly startMs: number;
  readonly endMs: number | null;
  readonly ids: readonly string[];
  readonly period: StatisticPeriod;
  readonly types: readonly StatisticType[];
  readonly nowMs: number;
}

interface Imported {
  readonly unit: string | null;
  readonly meanType: number;
  readonly hasSum: boolean;
  readonly rows: Map<number, StatisticRow>;
}

/** Long-term statistics: computed from the recorder's rows of sensors that measure, or imported by a client. */
export interface Statistics {
  list(type: "mean" | "sum" | undefined): readonly Readonly<Record<string, unknown>>[];
  during(query: StatisticsQuery): Readonly<Record<string, readonly StatisticRow[]>>;
  import(wanted: z.infer<typeof importSchema>): void;
}

const PERIOD_MS = { "5minute": 300_000, hour: 3_600_000 } as const;
/** Home Assistant compiles ten seconds after a period has ended. */
const COMPILED_AFTER_MS = 10_000;
const UNIT_CLASS: Readonly<Record<string, string>> = {
  "°C": "temperature",
  "°F": "temperature",
  W: "power",
  kWh: "energy",
  hPa: "pressure",
  "%": "unitless",
};
const NONE = { change: null, last_reset: null, max: null, mean: null, min: null, state: null, sum: null } as const;

export function createStatistics(recorder: Recorder): Statistics {
  const imported = new Map<string, Imported>();

  /** Unit and kind of every sensor that has statistics, or null. */
  function kindOf(entityId: string): { readonly unit: string | null; readonly stateClass: string } | null {
    const { state_class: stateClass, unit_of_measurement: unit } = recorder.current(entityId)?.attributes ?? {};
    return typeof stateClass === "string" ? { stateClass, unit: typeof unit === "string" ? unit : null } : null;
  }

  /** The mean over time of what the sensor said; what is not a number leaves the number before it standing. */
  function meanOf(entityId: string, fromMs: number, toMs: number): StatisticRow | null {
    const series = recorder.series(entityId);
    if (!series) return null;
    let [value, sinceMs, sum, min, max] = [Number.NaN, fromMs, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = firstInForce(series.updatedUs, fromMs); i < series.updatedUs.length; i += 1) {
      const atMs = recordedSeconds(series.updatedUs[i]!) * 1000;
      if (atMs >= toMs) break;
      const next = series.states[i] === "" || series.states[i] === null ? Number.NaN : Number(series.states[i]);
      if (Number.isNaN(next)) continue;
      if (!Number.isNaN(value)) sum += value * (Math.max(atMs, fromMs) - sinceMs);
      [value, sinceMs, min, max] = [next, Math.max(atMs, fromMs), Math.min(min, next), Math.max(max, next)];
    }
    if (Number.isNaN(value)) return null;
    sum += value * (toMs - sinceMs);
    return { start: fromMs, end: toMs, ...NONE, mean: sum / (toMs - fromMs), min, max };
  }

  function* computed(entityId: string, { startMs, endMs, period, nowMs }: StatisticsQuery): Generator<StatisticRow> {
    const lengthMs = period === "5minute" || period === "hour" ? PERIOD_MS[period] : null;
    const first = recorder.series(entityId)?.updatedUs[0];
    if (lengthMs === null || first === undefined || kindOf(entityId)?.stateClass !== "measurement") return;
    const lastMs = Math.min(endMs ?? Number.POSITIVE_INFINITY, nowMs - lengthMs - COMPILED_AFTER_MS + 1);
    for (let fromMs = Math.ceil(Math.max(startMs, first / 1000) / lengthMs) * lengthMs; fromMs < lastMs; fromMs += lengthMs) {
      const row = meanOf(entityId, fromMs, fromMs + lengthMs);
      if (row) yield row;
    }
  }

  function rowsOf(entityId: string, query: StatisticsQuery): StatisticRow[] {
    const own = query.period === "hour" ? [...(imported.get(entityId)?.rows.values() ?? [])] : [];
    const within = own.filter((row) => row.start >= query.startMs && (query.endMs === null || row.start < query.endMs));
    const rows = new Map([...computed(entityId, query), ...within].map((row) => [row.start, row]));
    return [...rows.values()]
      .sort((a, b) => a.start - b.start)
      .map((row) => ({ start: row.start, end: row.end, ...Object.fromEntries(query.types.map((type) => [type, row[type] ?? null])) }));
  }

  return {
    list(type) {
      const ids = new Set([...imported.keys(), ...recorder.all().map((row) => row.entityId)]);
      return [...ids].flatMap((entityId) => {
        const own = imported.get(entityId);
        const kind = kindOf(entityId);
        if (!own && !kind) return [];
        const meanType = own?.meanType ?? (kind?.stateClass === "measurement" ? 1 : 0);
        const hasSum = own?.hasSum ?? kind?.stateClass !== "measurement";
        if ((type === "mean" && meanType === 0) || (type === "sum" && !hasSum)) return [];
        const unit = own?.unit ?? kind?.unit ?? null;
        return [
          {
            statistic_id: entityId,
            display_unit_of_measurement: kind?.unit ?? unit,
            has_mean: meanType !== 0,
            mean_type: meanType,
            has_sum: hasSum,
            name: null,
            source: "recorder",
            statistics_unit_of_measurement: unit,
            unit_class: UNIT_CLASS[unit ?? ""] ?? null,
          },
        ];
      });
    },
    during: (query) => Object.fromEntries(query.ids.map((id) => [id, rowsOf(id, query)] as const).filter(([, rows]) => rows.length > 0)),
    import({ metadata, stats }) {
      const { statistic_id: id, unit_of_measurement: unit, has_sum: hasSum, mean_type: meanType } = metadata;
      const known = imported.get(id) ?? { unit, hasSum, meanType: meanType ?? (metadata.has_mean ? 1 : 0), rows: new Map() };
      imported.set(id, known);
      for (const { start: instant, ...values } of stats) {
        const start = Date.parse(instant);
        if (!Number.isFinite(start)) throw new CommandError("invalid_format", "Invalid datetime specified at 'stats'");
        if (start % PERIOD_MS.hour !== 0)
          throw new CommandError("home_assistant_error", "Invalid timestamp: timestamps must be from the top of the hour");
        known.rows.set(start, { ...NONE, ...(values as Partial<StatisticRow>), start, end: start + PERIOD_MS.hour });
      }
    },
  };
}

/** Index of the row in force at an instant, or of the first one after it. */
function firstInForce(updatedUs: readonly number[], atMs: number): number {
  let low = 0;
  let high = updatedUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (updatedUs[middle]! <= atMs * 1000) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
