import type { HabitChange } from "../../kit/contract.ts";
import type { ReportedChange } from "../../store/tables/findings.ts";

/** A stored report as apps see it. */
export function habitChange(report: ReportedChange): HabitChange {
  return {
    stream: report.streamName,
    changedAtMs: report.changeAtMs,
    detectedAtMs: report.detectedAtMs,
    probability: report.probability,
    words: report.words ?? `${report.streamName} changed`,
    isWithdrawn: report.isWithdrawn,
  };
}
