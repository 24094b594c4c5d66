import { type Options, WEEKDAYS } from "../config/options.ts";
import type { StageOptions } from "../flow/stage.ts";
import type { TargetOptions } from "../store/tables/labels.ts";

/** The grid of windows; fixed when a database is made. */
export const GRID_MS = 300_000;
/** Labelled windows are kept with their features, whatever the limit of the others. */
const LABELLED_DAYS = 3 * 365;

/** The targets as they are stored: a switch is both the start and the end. */
export function targetOptions(options: Options): TargetOptions[] {
  return options.targets.map((target) => ({
    name: target.name,
    startEntity: target.switch ?? target.start ?? null,
    endEntity: target.switch ?? target.end ?? null,
    negativeEntity: target.negative ?? null,
    excludedEntity: target.excluded ?? null,
    maxLabelHours: target.max_label_hours ?? null,
  }));
}

/** The part of the options that the stages need. */
export function stageOptions(options: Options, timeZone: string): StageOptions {
  return {
    timeZone,
    anchorHour: options.night_anchor_hour,
    gridMs: GRID_MS,
    targets: targetOptions(options),
    include: options.include ?? [],
    exclude: options.exclude,
    features: {
      include: options.features.include,
      exclude: options.features.exclude,
      mirrors: options.features.mirrors,
      entryDoors: options.features.entry_doors,
      weekendDays: options.features.weekend_days.map((day) => WEEKDAYS.indexOf(day) + 1),
      maximum: options.features.maximum,
    },
    maxLabelHours: options.max_label_hours,
    gates: {
      rowsPerClass: options.gates.rows_per_class,
      previewDays: options.gates.preview_days,
      eligibleDays: options.gates.eligible_days,
      eligibleEpisodes: options.gates.eligible_episodes,
    },
    retention: { rawDays: options.retention_days, featureDays: options.feature_retention_days, labelledDays: LABELLED_DAYS },
  };
}
