import { HOUR_MS } from "../time.ts";
import { recentre } from "./recentre.ts";
import type { StreamSettings } from "./settings.ts";
import { readSince } from "./since.ts";
import { meanOf, subtract, type Totals, totalsOfRun, type Watch } from "./watch.ts";

/** A change of one stream. `detectedAtMs` names it: later reports about the same change carry the same value. */
export interface ChangeReport {
  /** change: reported for the first time; confirmed: final, with what was learned since; withdrawn: it faded while being confirmed. */
  readonly kind: "change" | "confirmed" | "withdrawn";
  /** The likeliest instant at which the new habit began, and its 95 % interval. */
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  /** P(a change since the last reported one), at the time of this report. */
  readonly probability: number;
  /** Means in the stream's own unit (levels) or counts per hour, as over a whole week. */
  readonly beforeMean: number;
  readonly afterMean: number;
  /** End of the window at which the change was first reported. */
  readonly detectedAtMs: number;
  /** End of the step at which this report was given. */
  readonly atMs: number;
}

/** Too long without a value: the stream started anew, and nothing is said about a change across it. */
export interface GapReport {
  readonly kind: "gap";
  readonly fromMs: number;
  readonly toMs: number;
}

export type StreamReport = ChangeReport | GapReport;

/** Applies the reporting rule after a step that ended at `atMs`; notes in `watch` what was reported. */
export function reportStep(watch: Watch, atMs: number, settings: StreamSettings): ChangeReport[] {
  const reports: ChangeReport[] = [];
  if (watch.pending !== null) {
    const { before, detectedAtMs } = watch.pending;
    const found = describe(watch, before, detectedAtMs, atMs, settings);
    if (found === null || found.report.probability < settings.withdrawBelow) {
      if (found !== null) reports.push({ ...found.report, kind: "withdrawn" });
      watch.boundary = before;
      watch.pending = null;
    } else if (atMs - detectedAtMs >= settings.confirmHours * HOUR_MS) {
      reports.push({ ...found.report, kind: "confirmed" });
      watch.lastChangeMs = found.report.startMs;
      watch.pending = null;
      recentre(watch, found.run, settings);
    }
  }
  const found = describe(watch, watch.boundary, atMs, atMs, settings);
  if (found !== null && found.report.probability >= settings.reportAt && found.support >= settings.leastSupport) {
    reports.push(found.report);
    watch.pending = { before: watch.boundary, detectedAtMs: atMs };
    watch.boundary = found.boundary;
    watch.lastChangeMs = found.report.startMs;
  }
  return reports;
}

interface Found {
  readonly report: ChangeReport;
  /** The place of the likeliest run. */
  readonly run: number;
  readonly support: number;
  /** Totals at the late end of the start's interval: a start inside the interval is not another change. */
  readonly boundary: Totals;
}

function describe(watch: Watch, since: Totals, detectedAtMs: number, atMs: number, settings: StreamSettings): Found | null {
  const found = readSince(watch.filter, watch.totals.observed - since.observed, settings);
  if (found === null) return null;
  const startMs = (run: number) => (watch.originHour + watch.filter.runs.start[run]! * settings.hoursPerStep) * HOUR_MS;
  const after = totalsOfRun(watch, found.run);
  return {
    report: {
      kind: "change",
      startMs: startMs(found.run),
      startLowMs: startMs(found.low),
      startHighMs: startMs(found.high),
      probability: found.probability,
      beforeMean: meanOf(watch, subtract(subtract(watch.totals, after), since)),
      afterMean: meanOf(watch, after),
      detectedAtMs,
      atMs,
    },
    run: found.run,
    support: found.support,
    boundary: subtract(watch.totals, totalsOfRun(watch, found.high)),
  };
}
