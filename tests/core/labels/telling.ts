import type { HelperRole, HelperState } from "../../../src/core/labels/helper-change.ts";
import {
  HELPER_QUIET_MS,
  type HelperRules,
  type HelperStory,
  LONGEST_LABEL_MS,
  pairHelpers,
} from "../../../src/core/labels/helper-pair.ts";
import type { Label } from "../../../src/core/labels/label.ts";
import { createZone, type Zone } from "../../../src/core/time.ts";
import { applyMerge, type Shelf } from "./shelf.ts";

export const amsterdam = createZone("Europe/Amsterdam");
export const losAngeles = createZone("America/Los_Angeles");

/** Role, state, and the wall-clock time (or the instant) of the change; `anchor` marks the state before a fetched range. */
export type Told = readonly [role: HelperRole, state: string, changedAt: string | number, anchor?: "anchor"];

/** HA shows this for a helper that was never set, on the day of its start. */
export const NEVER_SET = "2025-06-01 00:00:00";
/** Two helpers seen for the first time, never set. */
export const FRESH: readonly Told[] = [
  ["start", NEVER_SET, "2025-06-01 09:00:00"],
  ["end", NEVER_SET, "2025-06-01 09:00:00"],
];

export function rules(zone: Zone = amsterdam): HelperRules {
  return { zone, source: "helper", quietMs: HELPER_QUIET_MS, longestMs: LONGEST_LABEL_MS };
}

export function states(told: readonly Told[], zone: Zone = amsterdam): HelperState[] {
  return told.map(([role, state, changedAt, anchor]) => ({
    role,
    state,
    changedAtMs: typeof changedAt === "number" ? changedAt : zone.instantOf(changedAt),
    isAnchor: anchor === "anchor",
    saidBy: null,
  }));
}

export function tell(told: readonly Told[], zone: Zone = amsterdam, now = "2030-01-01 00:00:00"): HelperStory {
  return pairHelpers(states(told, zone), rules(zone), zone.instantOf(now));
}

/** `start .. end` by the wall clock. */
export function spans(labels: readonly Pick<Label, "startMs" | "endMs">[], zone: Zone = amsterdam): string[] {
  return labels.map(({ startMs, endMs }) => `${wall(startMs, zone)} .. ${wall(endMs, zone)}`);
}

export function wall(atMs: number, zone: Zone = amsterdam): string {
  const text = Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(zone.timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: "minute" });
  return text.replace("T", " ");
}

/** The labels that stand once a story is merged into an empty shelf. */
export function standing(story: HelperStory, zone: Zone = amsterdam): string[] {
  return spans(active(applyMerge({ current: [], past: [] }, story, 0)), zone);
}

export function active(shelf: Shelf): Label[] {
  return shelf.current.filter((label) => label.status === "active").sort((a, b) => a.startMs - b.startMs);
}
