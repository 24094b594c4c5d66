import type { Clock } from "../core/clock.ts";
import type { Db } from "../store/db.ts";
import type { TargetOptions } from "../store/tables/labels.ts";
import type { Writer } from "../store/writer.ts";

/** What the stages need to know of the app's options and of the home: plain data, the same in every thread. */
export interface StageOptions {
  readonly timeZone: string;
  readonly anchorHour: number;
  readonly gridMs: number;
  readonly targets: readonly TargetOptions[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly features: FeatureOptions;
  readonly maxLabelHours: number;
  readonly gates: GateOptions;
  readonly retention: { readonly rawDays: number; readonly featureDays: number; readonly labelledDays: number };
}

/** What the user wants of the catalogue: globs of entities, or of features where they hold a colon. */
export interface FeatureOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Entities that repeat a target, beside those known by name. */
  readonly mirrors: readonly string[];
  /** Doors through which one leaves the house, beside those known by class and name. */
  readonly entryDoors: readonly string[];
  /** 1 = Monday. */
  readonly weekendDays: readonly number[];
  readonly maximum: number;
}

export const DEFAULT_FEATURE_OPTIONS: FeatureOptions = {
  include: [],
  exclude: [],
  mirrors: [],
  entryDoors: [],
  weekendDays: [6, 7],
  maximum: 300,
};

/** Gates that name a model's stage (learning, section 4). */
export interface GateOptions {
  readonly rowsPerClass: number;
  readonly previewDays: number;
  readonly eligibleDays: number;
  readonly eligibleEpisodes: number;
}

/** Everything a stage may touch: it reads (store), computes (core) and writes (store), and knows nothing of threads. */
export interface StageContext {
  readonly reader: Db;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly options: StageOptions;
  /** True once the work is no longer wanted; long stages ask between steps and give up without writing. */
  readonly isCancelled: () => boolean;
  /** Told how far a long stage is, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** The work was given up because it was no longer wanted; nothing half-done was written. */
export class Cancelled extends Error {
  constructor(stage: string) {
    super(`${stage} was cancelled`);
    this.name = "Cancelled";
  }
}
