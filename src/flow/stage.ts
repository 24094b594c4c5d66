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
  readonly maxLabelHours: number;
  readonly gates: GateOptions;
  readonly retention: { readonly rawDays: number; readonly featureDays: number; readonly labelledDays: number };
}

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
}

/** The work was given up because it was no longer wanted; nothing half-done was written. */
export class Cancelled extends Error {
  constructor(stage: string) {
    super(`${stage} was cancelled`);
    this.name = "Cancelled";
  }
}
