import { MINUTE_MS } from "../../src/core/time.ts";
import { DEFAULT_FEATURE_OPTIONS, type StageOptions } from "../../src/flow/stage.ts";

export const GRID_MS = 5 * MINUTE_MS;

export const OPTIONS: StageOptions = {
  timeZone: "UTC",
  anchorHour: 12,
  gridMs: GRID_MS,
  targets: [{ name: "sleep", startEntity: "input_datetime.sleep_start", endEntity: "input_datetime.sleep_end" }],
  include: [],
  exclude: [],
  features: DEFAULT_FEATURE_OPTIONS,
  maxLabelHours: 16,
  gates: { rowsPerClass: 50, previewDays: 5, eligibleDays: 14, eligibleEpisodes: 10 },
  retention: { rawDays: 90, featureDays: 400, labelledDays: 1095 },
};
