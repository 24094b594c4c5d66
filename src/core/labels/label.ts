export const LABEL_KINDS = ["positive", "negative", "excluded"] as const;
export type LabelKind = (typeof LABEL_KINDS)[number];

/** Sources of what helpers say, one for each kind, so that each story may take back its own labels alone. */
export const HELPER_SOURCE = "helper";
export const NEGATIVE_SOURCE = "negative helper";
export const EXCLUDED_SOURCE = "excluded helper";

/** What a person said of a span of time: the interval [startMs, endMs) of one target. */
export interface Label {
  readonly startMs: number;
  readonly endMs: number;
  /** `YYYY-MM-DD` of the end by the home's zone. */
  readonly localDate: string;
  readonly timeZone: string;
  readonly kind: LabelKind;
  /** Who tells, e.g. `helper`, `panel`, `csv`; with the bounds it names the label. */
  readonly source: string;
  /** When it was said; never before the end, because nobody can know it earlier. */
  readonly capturedAtMs: number;
  readonly rawStart: string | null;
  readonly rawEnd: string | null;
  readonly saidBy: string | null;
  readonly status: "active" | "rejected";
  /** Why it was rejected; null for an active one. */
  readonly reason: RejectedReason | null;
}

/** A label that has a row. */
export interface StoredLabel extends Label {
  readonly id: number;
}

/** A label that was stored once and no longer counts. */
export interface PastLabel extends Omit<Label, "status" | "reason"> {
  readonly replacedAtMs: number;
  readonly replacedBy: ReplacedReason;
}

export const REJECTED_REASONS = ["end before start", "equal bounds", "too long", "ends in the future"] as const;
export type RejectedReason = (typeof REJECTED_REASONS)[number];

export const REJECTED_SENTENCES: Readonly<Record<RejectedReason, string>> = {
  "end before start": "The end lies before the start. Set the one that is wrong again, and the label is made.",
  "equal bounds": "Start and end are the same instant, so there is nothing between them.",
  "too long":
    "Start and end lie further apart than a label may last (16 hours unless set otherwise). One of them may belong to another day.",
  "ends in the future": "The end had not come yet when it was set. A label says what was: set the end again once it has passed.",
};

export const REPLACED_REASONS = [
  "replaced by a later label",
  "no longer said",
  "removed by hand",
  "corrected by hand",
  "clipped by another label",
] as const;
export type ReplacedReason = (typeof REPLACED_REASONS)[number];

/** Bounds and source name a label within its target. */
export function labelKey(label: Pick<Label, "startMs" | "endMs" | "source">): string {
  return `${label.startMs} ${label.endMs} ${label.source}`;
}
