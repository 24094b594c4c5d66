import { DAY_MS } from "../time.ts";

/** A stored row that is about to be trained on, with what made it a pair. */
export interface SampledRow {
  readonly windowNo: number;
  /** As stored, in the order of `features`. */
  readonly values: readonly (number | null)[];
  readonly availableAtMs: number;
  readonly labelEndMs: number;
  readonly labelCapturedAtMs: number;
}

export interface SampledFeature {
  readonly name: string;
  /** Every entity that it reads; `entity#attribute` counts as the entity. */
  readonly entityIds: readonly string[];
}

export interface LeakageQuestion {
  readonly features: readonly SampledFeature[];
  readonly rows: readonly SampledRow[];
  readonly gridMs: number;
  readonly trainingAtMs: number;
  /** Helpers of all targets. */
  readonly labelHelperIds: ReadonlySet<string>;
  readonly trainDays: Iterable<number>;
  readonly testDays: Iterable<number>;
  /**
   * The row's values once more, in stored precision, from nothing but the events with occurred_at < window end and known_at <= training
   * time. Null where its raw events are no longer stored.
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
 * refuses the model. Rows whose raw events are gone stay undecided and are counted.
 */
export function guardAgainstLeakage(question: LeakageQuestion): LeakageAnswer {
  return helperRead(question) ?? sharedDay(question) ?? untimelyRow(question) ?? deriveAgain(question);
}

/** `size` indices spread evenly over `count` rows, the first and the last among them. */
export function evenSample(count: number, size: number): number[] {
  if (count <= size) return Array.from({ length: count }, (_, i) => i);
  if (size === 1) return [count - 1];
  return Array.from({ length: size }, (_, i) => Math.round((i * (count - 1)) / (size - 1)));
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

function sharedDay({ trainDays, testDays }: LeakageQuestion): LeakageAnswer | null {
  const trained = new Set(trainDays);
  for (const day of testDays) {
    if (trained.has(day))
      return refuse("shares a day", `day ${new Date(day * DAY_MS).toISOString().slice(0, 10)} is both trained on and tested`);
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

function deriveAgain({ rows, features, derive }: LeakageQuestion): LeakageAnswer {
  let derivedRows = 0;
  for (const { windowNo, values } of rows) {
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
  return { ok: true, derivedRows, undecidedRows: rows.length - derivedRows };
}
