import type { HelperStory } from "./helper-pair.ts";
import { AHEAD_MS } from "./helper-value.ts";
import { type Label, labelKey, type PastLabel, type ReplacedReason, type StoredLabel } from "./label.ts";
import { byCapture, excludedPieces, type SaidLabel, standingLabels } from "./standing.ts";

/** One target's labels as they are stored. */
export interface ToldLabels {
  /** Rows of `labels`, active and rejected. */
  readonly current: readonly StoredLabel[];
  /** Rows of `label_history`. */
  readonly past: readonly PastLabel[];
}

/** What is said now: the whole story of a helper pair, or single labels by other means. */
export type Saying = Pick<HelperStory, "labels" | "rejected" | "heard" | "source" | "timeZone">;

/** What to write, in this order: a new row may bear the bounds of a replaced one. Both are empty when the same is said again. */
export interface LabelMerge {
  /** Rows to take out of `labels`; the active ones go to `label_history` with the reason. */
  readonly replaced: readonly { readonly label: StoredLabel; readonly reason: ReplacedReason }[];
  /** Rows to insert into `labels`, in the order they were said. */
  readonly added: readonly Label[];
}

/** Labels drawn, typed or imported. */
export function sayLabels(labels: readonly Label[]): Saying {
  return { labels, rejected: [], heard: null, source: "", timeZone: "" };
}

/**
 * Joins what is said with what is stored. Of overlapping `positive` and `negative` labels the one captured last stands, also when it
 * arrives here before the other. `excluded` ones give way to every other label and keep what is left of them, in pieces. What was removed
 * by hand stays away until it is said again later. A story of helpers is the whole truth of its source for the span it heard: labels of
 * that source and span that it does not tell (any more) are taken back.
 */
export function mergeLabels(told: ToldLabels, saying: Saying): LabelMerge {
  const isTakenBack = takenBack(saying);
  const wanted = new Map(wantedLabels(told, saying, isTakenBack).map((label) => [labelKey(label), label]));
  const replaced: { label: StoredLabel; reason: ReplacedReason }[] = [];
  for (const label of told.current) {
    const wish = wanted.get(labelKey(label));
    const reason = isTakenBack(label)
      ? "no longer said"
      : label.kind === "excluded"
        ? "clipped by another label"
        : "replaced by a later label";
    if (wish?.status === label.status && wish.capturedAtMs === label.capturedAtMs && wish.kind === label.kind)
      wanted.delete(labelKey(label));
    else if (wish !== undefined || label.status === "active" || isTakenBack(label)) replaced.push({ label, reason });
  }
  return { replaced, added: [...wanted.values()].sort(byCapture) };
}

/** By a person, for good or for another in its place. */
export const isTakenAway = ({ replacedBy }: PastLabel): boolean => replacedBy === "removed by hand" || replacedBy === "corrected by hand";

/** All that should be in `labels`, except rejected rows of other sayings. */
function wantedLabels({ current, past }: ToldLabels, saying: Saying, isTakenBack: (label: StoredLabel | PastLabel) => boolean): Label[] {
  const removed = past.filter(isTakenAway);
  const isRemoved = wasToldLater(removed, (label) => label.replacedAtMs);
  const active: SaidLabel[] = current.filter((label) => label.status === "active" && !isTakenBack(label));
  const gone = past.filter((label) => label.replacedBy !== "no longer said" && !isTakenAway(label) && !isTakenBack(label));
  const isNew = isNewReading([...current, ...past], saying);
  const fresh = saying.labels.filter(isNew);
  const standing = standingLabels([...active, ...gone, ...removed, ...fresh], isRemoved);

  const isStored = wasToldLater(current, () => Number.POSITIVE_INFINITY);
  const wasStored = wasToldLater(past, (label) => label.capturedAtMs);
  const excluded = [...active, ...fresh.filter((label) => !isStored(label) && !wasStored(label))];
  const wanted = [...standing, ...excludedPieces(excluded, standing, removed)].map(asActive);
  const keys = new Set(wanted.map(labelKey));
  return [...wanted, ...saying.rejected.filter((label) => isNew(label) && !keys.has(labelKey(label)) && !isRemoved(label))];
}

/** Whether the story covers the moment at which a label was said, and does not tell it. */
function takenBack({ heard, source, timeZone, labels, rejected }: Saying): (label: StoredLabel | PastLabel) => boolean {
  if (heard === null) return () => false;
  const sayingOf = (label: SaidLabel): string => `${labelKey(label)} ${label.capturedAtMs}`;
  const told = new Set(labels.map(sayingOf));
  const refused = new Set(rejected.map(sayingOf));
  return (label) => {
    if (label.source !== source || label.timeZone !== timeZone) return false;
    if (label.capturedAtMs < heard.fromMs || label.capturedAtMs > heard.untilMs) return false;
    return !("status" in label && label.status === "rejected" ? refused : told).has(sayingOf(label));
  };
}

/** Filters out what the helpers said before the home moved to another zone: it keeps the meaning it had there. */
function isNewReading(stored: readonly SaidLabel[], { timeZone, heard }: Saying): (label: Label) => boolean {
  const elsewhere = heard === null ? [] : stored.filter((label) => label.timeZone !== timeZone);
  return (label) =>
    !elsewhere.some(
      (other) =>
        other.source === label.source &&
        other.rawStart === label.rawStart &&
        other.rawEnd === label.rawEnd &&
        Math.abs(other.capturedAtMs - label.capturedAtMs) <= AHEAD_MS,
    );
}

/** Whether a row of the same bounds and source holds against a label, because it is from the label's capture or later. */
function wasToldLater<Row extends SaidLabel>(rows: readonly Row[], atMs: (row: Row) => number): (label: SaidLabel) => boolean {
  const untilMs = new Map<string, number>();
  for (const row of rows) untilMs.set(labelKey(row), Math.max(atMs(row), untilMs.get(labelKey(row)) ?? Number.NEGATIVE_INFINITY));
  return (label) => label.capturedAtMs <= (untilMs.get(labelKey(label)) ?? Number.NEGATIVE_INFINITY);
}

function asActive(label: SaidLabel): Label {
  const { startMs, endMs, localDate, timeZone, kind, source, capturedAtMs, rawStart, rawEnd, saidBy } = label;
  const bounds = { startMs, endMs, localDate, timeZone, kind, source, capturedAtMs };
  return { ...bounds, rawStart, rawEnd, saidBy, status: "active", reason: null };
}
