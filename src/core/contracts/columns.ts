import { z } from "zod";

/** An instant: ISO-8601 UTC text with milliseconds and `Z`. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .meta({ format: "date-time" });
/** The same with microseconds, as Home Assistant keeps `last_updated`. */
export const instantUs = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/)
  .meta({ format: "date-time" });
export const localDate = z.iso.date();
export const count = z.int().min(0);
export const id = z.int().min(1);
/** SQLite has no booleans. */
export const flag = z.literal([0, 1]);
/** A probability or a share: 0 to 1. */
export const share = z.number().min(0).max(1);
export const stage = z.enum(["clock", "preview", "eligible"]);

/** A text column that holds JSON of the given shape; the shape goes into the row's JSON Schema as `contentSchema`. */
export function jsonText(shape: z.ZodType): z.ZodString {
  const { $schema: _, ...contentSchema } = z.toJSONSchema(shape);
  return z.string().meta({ contentMediaType: "application/json", contentSchema });
}
