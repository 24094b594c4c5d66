import type { HabitChange } from "../../../kit/contract.ts";
import type { ReportedChange } from "../../../store/tables/findings.ts";

/** A stored report as apps see it. */
export function habitChange(report: ReportedChange): HabitChange {
  return {
    stream: report.streamName,
    changedAtMs: report.changeAtMs,
    detectedAtMs: report.detectedAtMs,
    probability: report.probability,
    words: report.words ?? `${report.streamName} changed`,
    isWithdrawn: report.isWithdrawn,
    answer: report.answer,
    isMuted: report.isMuted,
  };
}

/** Of reports, the newest first, those since an instant that apps are called for, the oldest first: none that nobody wants to hear of, also not later. */
export function newsAmong(changes: readonly HabitChange[], sinceMs: number): HabitChange[] {
  return changes
    .filter(({ detectedAtMs, isWithdrawn, isMuted, answer }) => detectedAtMs > sinceMs && !isWithdrawn && !isMuted && answer !== "rejected")
    .toReversed();
}
