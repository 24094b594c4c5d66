import { createZone, HOUR_MS, type Zone } from "../time.ts";
import { learnWatch, type Remembered } from "./learn.ts";
import type { Slot } from "./level-shape.ts";
import { STREAM_SETTINGS, type StreamSettings } from "./settings.ts";
import { readSince } from "./since.ts";
import { closeBlock, copyWatch, restart, type Totals, takeWindow, type Watch } from "./watch.ts";

export interface StreamDefinition {
  readonly name: string;
  /** gaussian: a level (hourly mean); poisson: a count per hour. */
  readonly kind: "gaussian" | "poisson";
  readonly timeZone: string;
}
export interface StreamWindow {
  readonly endMs: number;
  readonly value: number | null;
  readonly exposure?: number;
}
export interface ChangeReport {
  readonly kind: "change" | "confirmed" | "withdrawn";
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  readonly probability: number;
  readonly beforeMean: number;
  readonly afterMean: number;
  readonly detectedAtMs: number;
}
export interface GapReport {
  readonly kind: "gap";
  readonly fromMs: number;
  readonly toMs: number;
}
export type StreamReport = ChangeReport | GapReport;

export interface Boundary extends Readonly<Totals> {
  readonly step: number;
}
export interface Pending {
  readonly before: Boundary;
  readonly detectedAtMs: number;
  readonly finalAtMs: number;
}
export interface ChangeStream {
  readonly definition: StreamDefinition;
  readonly settings: StreamSettings;
  readonly zone: Zone;
  lastEndMs: number;
  lastValueMs: number;
  learning: readonly Remembered[];
  watch: Watch | null;
  boundary: Boundary;
  pending: Pending | null;
}

const START: Boundary = { step: 0, observed: 0, sum: 0, exposure: 0 };

export function createStream(definition: StreamDefinition, settings: StreamSettings = STREAM_SETTINGS): ChangeStream {
  return {
    definition, settings, zone: createZone(definition.timeZone),
    lastEndMs: Number.NaN, lastValueMs: Number.NaN, learning: [], watch: null, boundary: START, pending: null,
  };
}

function slotOf(zone: Zone, endHour: number): Slot {
  const startMs = (endHour - 1) * HOUR_MS;
  return { day: zone.dayAt(startMs, 0), hour: Math.floor(zone.hourAt(startMs)), weekend: zone.weekdayAt(startMs) >= 6 ? 1 : 0 };
}

export function stepStream(before: ChangeStream, window: StreamWindow): { readonly state: ChangeStream; readonly reports: readonly StreamReport[] } {
  const s: ChangeStream = { ...before, watch: before.watch === null ? null : copyWatch(before.watch) };
  return { state: s, reports: stepInPlace(s, window) };
}

export function stepInPlace(s: ChangeStream, window: StreamWindow): StreamReport[] {
  const { settings } = s;
  const endHour = window.endMs / HOUR_MS;
  const exposure = window.exposure ?? 1;
  const reports: StreamReport[] = [];
  if (window.value !== null && window.endMs - s.lastValueMs > settings.gapHours * HOUR_MS) {
    reports.push({ kind: "gap", fromMs: s.lastValueMs, toMs: window.endMs - HOUR_MS });
    if (s.watch !== null) {
      const step = settings.hoursPerStep;
      restart(s.watch, (Math.ceil(endHour / step) - 1) * step * HOUR_MS);
      s.boundary = START;
      s.pending = null;
      s.lastEndMs = window.endMs - HOUR_MS;
    }
  }
  const previousEnd = s.lastEndMs;
  s.lastEndMs = window.endMs;
  if (window.value !== null) s.lastValueMs = window.endMs;
  if (s.watch === null) {
    if (window.value !== null) s.learning = [...s.learning, { endHour, value: window.value, exposure }];
    const needed = settings.learningDays * 24;
    if (s.learning.length >= 0.7 * needed && endHour - s.learning[0]!.endHour + 1 >= needed) {
      s.watch = learnWatch(s.definition.kind, s.learning, (hour) => slotOf(s.zone, hour), settings);
      s.learning = [];
      evaluate(s, s.watch, window.endMs, reports);
    }
    return reports;
  }
  const step = settings.hoursPerStep;
  for (let hour = previousEnd / HOUR_MS + 1; hour <= endHour; hour++) {
    takeWindow(s.watch, slotOf(s.zone, hour), hour === endHour ? window.value : null, exposure, settings, true);
    if (hour % step === 0) {
      closeBlock(s.watch, settings);
      evaluate(s, s.watch, hour * HOUR_MS, reports);
    }
  }
  return reports;
}

function minus(a: Readonly<Totals>, b: Readonly<Totals>): Totals {
  return { observed: a.observed - b.observed, sum: a.sum - b.sum, exposure: a.exposure - b.exposure };
}

function runTotals(s: ChangeStream, watch: Watch, run: number): Totals {
  const { runs } = watch.filter;
  const observed = runs.seen[run]!;
  if (watch.prior.kind === "gaussian") return { observed, sum: watch.totals.sum - runs.mark[run]!, exposure: observed };
  const d = watch.prior.dispersion;
  const [shape0 = 0, rate0 = 0] = watch.filter.model.empty;
  return { observed, sum: (runs.statistics[0]![run]! - shape0) * d, exposure: (runs.statistics[1]![run]! - rate0) * d };
}

function meanOf(watch: Watch, totals: Totals): number {
  const m = totals.sum / totals.exposure;
  return watch.prior.kind === "gaussian" ? watch.prior.centre + watch.prior.scale * m : m;
}

function evaluate(s: ChangeStream, watch: Watch, atMs: number, reports: StreamReport[]): void {
  const { settings } = s;
  const at = (step: number) => watch.originMs + step * settings.hoursPerStep * HOUR_MS;
  const describe = (kind: ChangeReport["kind"], from: Boundary, detectedAtMs: number): { report: ChangeReport; boundary: Boundary } | null => {
    const since = readSince(watch.filter, watch.totals.observed - from.observed, settings);
    if (since === null) return null;
    const after = runTotals(s, watch, since.run);
    const begun = minus(watch.totals, after);
    return {
      report: {
        kind, startMs: at(watch.filter.runs.start[since.run]!), startLowMs: at(since.low), startHighMs: at(since.high),
        probability: since.probability, beforeMean: meanOf(watch, minus(begun, from)), afterMean: meanOf(watch, after), detectedAtMs,
      },
      boundary: { ...begun, step: watch.filter.runs.start[since.run]! },
    };
  };
  if (s.pending !== null) {
    const seen = describe("confirmed", s.pending.before, s.pending.detectedAtMs);
    if (seen === null || seen.report.probability < settings.withdrawBelow) {
      if (seen !== null) reports.push({ ...seen.report, kind: "withdrawn" });
      s.boundary = s.pending.before;
      s.pending = null;
    } else if (atMs >= s.pending.finalAtMs) {
      reports.push(seen.report);
      s.pending = null;
    }
  }
  const found = describe("change", s.boundary, atMs);
  if (found !== null && found.report.probability >= settings.reportAt) {
    reports.push(found.report);
    s.pending = { before: s.boundary, detectedAtMs: atMs, finalAtMs: atMs + settings.confirmHours * HOUR_MS };
    s.boundary = found.boundary;
  }
}
