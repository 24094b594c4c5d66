import { DAY_MS } from "../time.ts";

/** What made a stored row a pair; of every row that is about to be trained on. */
export interface PairedRow {
  readonly windowNo: number;
  readonly availableAtMs: number;
  readonly labelEndMs: number;
  readonly labelCapturedAtMs: number;
}

/** A row that is derived again. */
export interface SampledRow {
  readonly windowNo: number;
  /** As stored, in the order of `features`. */
  readonly values: readonly (number | null)[];
}

export interface SampledFeature {
  readonly name: string;
  /** Every entity that it reads; `entity#attribute` counts as the entity. */
  readonly entityIds: readonly string[];
}

/** One fold of the selection, as it was really made. */
export interface FoldDays {
  readonly trainDays: Iterable<number>;
  readonly testDays: Iterable<number>;
}

export interface LeakageQuestion {
  readonly features: readonly SampledFeature[];
  readonly rows: Iterable<PairedRow>;
  readonly sample: readonly SampledRow[];
  /** Rows that cannot be sampled, because their events are gone or they wait to be computed again. */
  readonly undecidedRows: number;
  readonly gridMs: number;
  readonly trainingAtMs: number;
  /** Helpers of all targets. */
  readonly labelHelperIds: ReadonlySet<string>;
  readonly folds: readonly FoldDays[];
  /**
   * The row's values once more, in stored precision, from nothing but the events with occurred_at < window end and known_at <= training
   * time. Null where its raw events are no longer stored. Asked in the order of the sample.
   */
  readonly derive: (windowNo: number) => readonly (number | null)[] | null;
}

export const LEAK_REASONS = [
  "reads a label helper",
  "shares a day",
  "window after its label",
  "label not yet known",
  "row not yet available",
  "differs when derived again",
] as const;
export type LeakReason = (typeof LEAK_REASONS)[number];

export type LeakageAnswer =
  | { readonly ok: true; readonly derivedRows: number; readonly undecidedRows: number }
  | { readonly ok: false; readonly reason: LeakReason; readonly detail: string };

/**
 * Whether training data can be shown, by structure, to hold nothing that was not known: the first thing found that speaks against it
 * refuses the model. Times are asked of every row, values of a sample; sampled rows whose raw events are gone stay undecided and are counted.
 */
export function guardAgainstLeakage(question: LeakageQuestion): LeakageAnswer {
  return helperRead(question) ?? sharedDay(question) ?? untimelyRow(question) ?? deriveAgain(question);
}

function refuse(reason: LeakReason, detail: string): LeakageAnswer {
  return { ok: false, reason, detail };
}

function helperRead({ features, labelHelperIds }: LeakageQuestion): LeakageAnswer | null {
  for (const { name, entityIds } of features) {
    const helper = entityIds.find((id) => labelHelperIds.has(id.split("#", 1)[0]!));
    if (helper !== undefined) return refuse("reads a label helper", `the feature ${name} reads ${helper}, which tells the label`);
  }
  return null;
}

function sharedDay({ folds }: LeakageQuestion): LeakageAnswer | null {
  for (const { trainDays, testDays } of folds) {
    const trained = new Set(trainDays);
    for (const day of testDays) {
      if (trained.has(day))
        return refuse("shares a day", `day ${new Date(day * DAY_MS).toISOString().slice(0, 10)} is both trained on and tested`);
    }
  }
  return null;
}

function untimelyRow({ rows, gridMs, trainingAtMs }: LeakageQuestion): LeakageAnswer | null {
  for (const { windowNo, labelEndMs, labelCapturedAtMs, availableAtMs } of rows) {
    if (windowNo * gridMs > labelEndMs)
      return refuse("window after its label", `window ${windowNo} ends after the label it is paired with`);
    if (!(labelCapturedAtMs <= trainingAtMs))
      return refuse("label not yet known", `the label of window ${windowNo} was said after the training began`);
    if (!(availableAtMs <= trainingAtMs))
      return refuse("row not yet available", `window ${windowNo} was not known when the training began`);
  }
  return null;
}

function deriveAgain({ sample, undecidedRows, features, derive }: LeakageQuestion): LeakageAnswer {
  let derivedRows = 0;
  for (const { windowNo, values } of sample) {
    const derived = derive(windowNo);
    if (derived === null) continue;
    derivedRows++;
    // The longer of both, so that a row that lacks a value is found too.
    const width = Math.max(values.length, derived.length, features.length);
    for (let i = 0; i < width; i++) {
      if (values[i] !== undefined && values[i] === derived[i]) continue;
      const name = features[i]?.name ?? `value ${i}`;
      return refuse(
        "differs when derived again",
        `${name} of window ${windowNo} is stored as ${values[i]}, but was ${derived[i]} by what was known`,
      );
    }
  }
  return { ok: true, derivedRows, undecidedRows: undecidedRows + sample.length - derivedRows };
}
