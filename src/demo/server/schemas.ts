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

export const statisticsSchema = message({
  start_time: z.string(),
  end_time: z.string().optional(),
  statistic_ids: z.array(z.string()).min(1),
  period: z.enum(["5minute", "hour", "day", "week", "month", "year"]),
  units: z.record(z.string(), z.string()).optional(),
  types: z.array(z.enum(["change", "last_reset", "max", "mean", "min", "state", "sum"])).optional(),
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
