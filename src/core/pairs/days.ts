import { HOUR_MS, type Zone } from "../time.ts";
import type { PairLabel } from "./pair-label.ts";

/** Days turn at the anchor hour by the wall clock, so that no night is split. */
export interface DayRules {
  readonly zone: Zone;
  readonly anchorHour: number;
}

/** Pieces with a pause up to this between them are one episode. */
export const EPISODE_PAUSE_MS = HOUR_MS;

type GateLabel = Pick<PairLabel, "startMs" | "endMs" | "kind">;

/** The day on which a window begins (its end may be the anchor itself). */
export function windowDay(windowNo: number, gridMs: number, { zone, anchorHour }: DayRules): number {
  return zone.dayAt((windowNo - 1) * gridMs, anchorHour);
}

/** The day of each window; fast for ascending windows. */
export function windowDays(windowNos: ArrayLike<number>, gridMs: number, rules: DayRules): Int32Array {
  const days = new Int32Array(windowNos.length);
  for (let i = 0; i < days.length; i++) days[i] = windowDay(windowNos[i]!, gridMs, rules);
  return days;
}

/** The day on which a label ends. Its end is not part of it, so a label up to the anchor ends on the day before. */
export function labelDay(label: Pick<PairLabel, "endMs">, { zone, anchorHour }: DayRules): number {
  return zone.dayAt(label.endMs - 1, anchorHour);
}

/** The days of which something is known: those on which an active `positive` or `negative` label ends. Ascending, each once. */
export function labelledDays(labels: readonly GateLabel[], rules: DayRules): number[] {
  const days = labels.filter(({ kind }) => kind !== "excluded").map((label) => labelDay(label, rules));
  return [...new Set(days)].sort((a, b) => a - b);
}

/** How often it happened: `positive` labels joined over pauses. There is no shortest length, because a target need not be sleep. */
export function countEpisodes(labels: readonly GateLabel[], pauseMs = EPISODE_PAUSE_MS): number {
  let count = 0;
  let reachMs = Number.NEGATIVE_INFINITY;
  for (const label of labels.filter(({ kind }) => kind === "positive").sort((a, b) => a.startMs - b.startMs)) {
    if (label.startMs - reachMs > pauseMs) count++;
    reachMs = Math.max(reachMs, label.endMs);
  }
  return count;
}
