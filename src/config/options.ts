import { z } from "zod";
import { knownTimeZone } from "../core/time.ts";
import { mqttSchema } from "./broker-options.ts";
import { sharedHelpers, targetSchema } from "./target-options.ts";

const WORDS = ["domain", "area", "class"];

/** What `pattern.ts` of ingest reads. YAML takes `area: Kitchen` for a key and its value: that is understood, too. */
function pattern() {
  const asText = (value: unknown): unknown => {
    const [pair, ...others] = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return pair === undefined || others.length > 0 ? value : `${pair[0]}:${pair[1]}`;
  };
  const isKnown = (text: string): boolean => !/^[a-z_ ]+:/i.test(text) || WORDS.some((word) => text.startsWith(`${word}:`));
  return z.preprocess(
    asText,
    z
      .string()
      .min(1)
      .refine(isKnown, `must be an entity pattern like light.*_lamp, or begin with ${WORDS.map((word) => `${word}:`).join(", ")}`),
  );
}

const gatesSchema = z.strictObject({
  rows_per_class: z.number().int().min(1).default(50),
  preview_days: z.number().int().min(1).default(5),
  eligible_days: z.number().int().min(1).default(14),
  eligible_episodes: z.number().int().min(1).default(10),
});

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** What is made of the stored entities. In include and exclude a pattern with a point before a colon names features (`binary_sensor.bed:*`). */
const featuresSchema = z.strictObject({
  include: z.array(z.string().min(1)).default([]),
  exclude: z.array(z.string().min(1)).default([]),
  mirrors: z.array(pattern()).default([]),
  entry_doors: z.array(pattern()).default([]),
  weekend_days: z.array(z.enum(WEEKDAYS)).default(["sat", "sun"]),
  maximum: z.number().int().min(10).max(1000).default(300),
});

const TIME_OF_DAY = 'must be a time of day in quotes, like "03:30"';
const timeOfDay = z.preprocess(
  (value) => (value === "" ? undefined : value),
  z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, TIME_OF_DAY)
    .optional(),
);

/** The local times of the daily jobs, where they are not the app's own. */
const schedulesSchema = z.strictObject({
  train: timeOfDay,
  maintenance: timeOfDay,
  backup: timeOfDay,
});

/** The app's options: every one has a default, so that the app works with none set. */
export const optionsSchema = z.strictObject({
  log_level: z.enum(["debug", "info", "warning", "error"]).default("info"),
  include: z.array(pattern()).default([]),
  exclude: z.array(pattern()).default([]),
  attributes: z
    .array(z.string().regex(/^[^#]+#[^#]+$/, "must be an entity pattern and an attribute like climate.*#current_temperature"))
    .default([]),
  targets: z
    .array(targetSchema)
    .min(1, "needs at least one target that can be used, like sleep with start and end")
    .superRefine((targets, context) => {
      const names = targets.map((target) => target.name);
      const doubled = names.flatMap((name, line) =>
        names.indexOf(name) === line ? [] : [{ words: `two targets are called ${name}; each needs a name of its own`, line }],
      );
      // Each speaks against one line, the later one: the others stand by themselves.
      for (const { words, line } of [...doubled, ...sharedHelpers(targets)])
        context.addIssue({ code: "custom", message: words, path: [line] });
    })
    .default([{ name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" }]),
  night_anchor_hour: z.number().int().min(0).max(23).default(12),
  schedules: schedulesSchema.default({}),
  time_zone: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.string().refine(knownTimeZone, "is not a time zone like Europe/Amsterdam").optional(),
  ),
  retention_days: z.number().int().min(7).max(3650).default(90),
  feature_retention_days: z.number().int().min(30).max(3650).default(400),
  backfill_days: z.number().int().min(0).max(3650).default(400),
  statistics_days: z.number().int().min(0).max(3650).default(365),
  backup_keep: z.number().int().min(1).max(30).default(3),
  backup_raw_events: z.boolean().default(false),
  max_label_hours: z.number().min(1).max(48).default(16),
  features: featuresSchema.default(featuresSchema.parse({})),
  gates: gatesSchema.default(gatesSchema.parse({})),
  mqtt: mqttSchema.default(mqttSchema.parse({})),
});

export type Options = Omit<z.infer<typeof optionsSchema>, "include"> & {
  /** None = everything. Null = lines were given, and none of them can be used: nothing is chosen. */
  readonly include: readonly string[] | null;
};
