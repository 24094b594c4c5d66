import { changedPart, type SeenHour } from "../core/changes/day-part.ts";
import type { ChangeReport as CoreReport } from "../core/changes/report.ts";
import type { StreamWindow } from "../core/changes/stream.ts";
import { cutOff, takenBack, wordsOf } from "../core/changes/words.ts";
import { DAY_MS, HOUR_MS, type Zone } from "../core/time.ts";
import type { ChangeReport } from "../store/tables/changes.ts";
import type { StreamHours } from "./stream-hours.ts";
import { fromLogarithm, type WatchedFeature } from "./streams.ts";

/** Days before a change to which what came after is compared, quarter by quarter of the day. */
const DAYS_BEFORE = 28;

/** Tells a stream's report in its own unit and in words. It depends on nothing that came after the report. */
export function tellReport(feature: WatchedFeature, report: CoreReport, hours: StreamHours, zone: Zone): ChangeReport {
  const beforeMean = own(feature, report.beforeMean);
  const afterMean = own(feature, report.afterMean);
  const at = (...kinds: readonly CoreReport["kind"][]): number | null => (kinds.includes(report.kind) ? report.atMs : null);
  const withdrawnAtMs = at("withdrawn");
  const cutOffAtMs = at("cut");
  const found = partOf(feature, report, hours, zone);
  const part =
    found === null ? null : { name: found.name, beforeMean: own(feature, found.beforeMean), afterMean: own(feature, found.afterMean) };
  const { startMs, startLowMs, startHighMs, detectedAtMs } = report;
  return {
    streamName: feature.name,
    changeAtMs: startMs,
    startLowMs,
    startHighMs,
    probability: report.probability,
    beforeMean: Number.isFinite(beforeMean) ? beforeMean : null,
    afterMean: Number.isFinite(afterMean) ? afterMean : null,
    detectedAtMs,
    withdrawnAtMs,
    confirmedAtMs: at("confirmed", "followed"),
    cutOffAtMs,
    part: part !== null && Number.isFinite(part.beforeMean) && Number.isFinite(part.afterMean) ? part : null,
    words: wordsOf(feature.subject, { startMs, startLowMs, startHighMs, detectedAtMs, withdrawnAtMs, beforeMean, afterMean, part }, zone),
    added: withdrawnAtMs !== null ? takenBack(withdrawnAtMs, zone) : cutOffAtMs !== null ? cutOff(cutOffAtMs, zone) : "",
  };
}

/** Levels that were watched as logarithms are told in their own unit; a count is never below nothing by a rounding. */
export function own(feature: WatchedFeature, mean: number): number {
  if (feature.kind !== "gaussian") return Math.max(0, Number(mean.toPrecision(7)));
  return Number((feature.isLogarithm ? fromLogarithm(mean) : mean).toPrecision(7));
}

function partOf(feature: WatchedFeature, report: CoreReport, hours: StreamHours, zone: Zone): ReturnType<typeof changedPart> {
  if (report.kind !== "confirmed") return null;
  const lowMs = Math.floor(report.startLowMs / HOUR_MS) * HOUR_MS;
  const [windows = []] = hours.read([feature], lowMs - DAYS_BEFORE * DAY_MS, report.atMs);
  const seen = windows.flatMap((window) => seenHour(feature, window));
  return changedPart(
    seen.filter(({ endMs }) => endMs <= report.startLowMs),
    seen.filter(({ endMs }) => endMs > report.startHighMs),
    zone,
  );
}

function seenHour({ kind }: WatchedFeature, { endMs, value, exposure = 1 }: StreamWindow): SeenHour[] {
  if (value === null) return [];
  if (kind === "gaussian") return [{ endMs, value, exposure: 1 }];
  return [{ endMs, value: kind === "ratio" ? value * exposure : value, exposure }];
}
