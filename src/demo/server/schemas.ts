import { z } from "zod";

/** A whole command message; unknown keys are refused. */
export const message = <T extends z.ZodRawShape>(shape: T) => z.strictObject({ id: z.number(), type: z.string(), ...shape });

export const historySchema = message({
  start_time: z.string(),
  end_time: z.string().optional(),
  entity_ids: z.array(z.string()),
  include_start_time_state: z.boolean().default(true),
  significant_changes_only: z.boolean().default(true),
  minimal_response: z.boolean().default(false),
  no_attributes: z.boolean().default(false),
});

const PERIODS = ["5minute", "hour", "day", "week", "month", "year"] as const;
export type StatisticPeriod = (typeof PERIODS)[number];

export const statisticsSchema = message({
  start_time: z.string(),
  end_time: z.string().optional(),
  statistic_ids: z.array(z.string()).min(1),
  period: z.enum(PERIODS),
  units: z.record(z.string(), z.string()).optional(),
  types: z.array(z.enum(["change", "last_reset", "max", "mean", "min", "state", "sum"])).optional(),
});

export const statisticIdsSchema = message({ statistic_type: z.enum(["sum", "mean"]).optional() });

const statisticValue = z.number().nullable().optional();

export const importSchema = message({
  metadata: z.strictObject({
    statistic_id: z.string(),
    source: z.literal("recorder"),
    name: z.string().nullable(),
    unit_of_measurement: z.string().nullable(),
    unit_class: z.string().nullable().optional(),
    has_mean: z.boolean().optional(),
    mean_type: z.number().int().min(0).max(2).optional(),
    has_sum: z.boolean(),
  }),
  stats: z.array(
    z.strictObject({
      start: z.string(),
      mean: statisticValue,
      min: statisticValue,
      max: statisticValue,
      state: statisticValue,
      sum: statisticValue,
      last_reset: statisticValue,
    }),
  ),
});

export const createSchema = message({
  name: z.string().min(1),
  has_date: z.boolean().default(false),
  has_time: z.boolean().default(false),
  icon: z.string().optional(),
  initial: z.string().optional(),
});

export const callSchema = message({
  domain: z.string(),
  service: z.string(),
  target: z.record(z.string(), z.unknown()).optional(),
  service_data: z.record(z.string(), z.unknown()).optional(),
  return_response: z.boolean().default(false),
});
