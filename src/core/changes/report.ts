import { HOUR_MS } from "../time.ts";
import { recentre } from "./recentre.ts";
import type { StreamSettings } from "./settings.ts";
import { readSince, unchangedSince } from "./since.ts";
import { meanOf, type Reported, subtract, type Told, type Totals, totalsOfRun, type Watch } from "./watch.ts";

/** A change of one stream. `detectedAtMs` names it: later reports about the same change carry the same value. */
export interface ChangeReport extends Told {
  /**
   * change: reported for the first time. It ends as one of these. confirmed: borne out, with what was learned since. followed: final, because a further change was found
   * which does not lead back. withdrawn: it faded, or what it told of was over; what was confirmed may still be, once the whole is rather one habit than two.
   * cut: the stream fell silent, so nothing can be said of it any more.
   */
  readonly kind: "change" | "confirmed" | "followed" | "withdrawn" | "cut";
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
  const reports = watch.pending === null ? lookBack(watch, atMs, settings) : settle(watch, watch.pending, atMs, settings);
  if (watch.faded !== null && atMs > watch.faded.untilMs) watch.faded = null;
  const found = findSince(watch, watch.boundary, settings);
  if (found === null || found.told.probability < settings.reportAt || found.support < settings.leastSupport) return reports;
  const { pending } = watch;
  if (leadsBack(found.told, pending ?? watch.faded)) {
    if (pending !== null) reports.push(withdraw(watch, pending, found.told.probability, atMs, settings));
    watch.boundary = found.boundary;
    return reports;
  }
  // What lies between the two is what the first led to.
  if (pending !== null) {
    reports.push({ ...reportOf(pending, "followed", atMs), afterMean: found.told.beforeMean });
    watch.final = null;
  }
  watch.pending = { ...found.told, before: watch.boundary, detectedAtMs: atMs };
  watch.boundary = found.boundary;
  watch.lastChangeMs = found.told.startMs;
  return [...reports, reportOf(watch.pending, "change", atMs)];
}

/** Withdraws the pending report, makes it final, or leaves it pending. */
function settle(watch: Watch, pending: Reported, atMs: number, settings: StreamSettings): ChangeReport[] {
  const found = findSince(watch, pending.before, settings);
  if (found === null || found.told.probability < settings.withdrawBelow) {
    watch.boundary = pending.before;
    return [withdraw(watch, pending, found?.told.probability ?? 0, atMs, settings)];
  }
  if (leadsBack(found.told, pending)) {
    watch.boundary = found.boundary;
    return [withdraw(watch, pending, found.told.probability, atMs, settings)];
  }
  if (atMs - pending.detectedAtMs < settings.confirmHours * HOUR_MS) return [];
  watch.lastChangeMs = found.told.startMs;
  watch.pending = null;
  watch.final = { ...found.told, before: pending.before, detectedAtMs: pending.detectedAtMs };
  recentre(watch, found.run, settings);
  return [{ ...found.told, kind: "confirmed", detectedAtMs: pending.detectedAtMs, atMs }];
}

/** Withdraws what was confirmed where the whole is rather one habit than two: a spell was long enough to be borne out, and is over. */
function lookBack(watch: Watch, atMs: number, settings: StreamSettings): ChangeReport[] {
  const { final } = watch;
  if (final === null) return [];
  const probability = 1 - unchangedSince(watch.filter, watch.totals.observed - final.before.observed, settings);
  if (probability >= settings.withdrawBelow) return [];
  watch.final = null;
  watch.boundary = final.before;
  return [{ ...reportOf(final, "withdrawn", atMs), probability }];
}

function withdraw(watch: Watch, pending: Reported, probability: number, atMs: number, settings: StreamSettings): ChangeReport {
  const { startHighMs, beforeMean, afterMean } = pending;
  watch.faded = { startHighMs, beforeMean, afterMean, untilMs: atMs + settings.confirmHours * HOUR_MS };
  watch.pending = null;
  return { ...reportOf(pending, "withdrawn", atMs), probability };
}

/** Ends the pending report of a stream that has been silent for so long that nothing is compared across; `atMs`: since when it has. */
export function cutOff(watch: Watch, atMs: number): ChangeReport[] {
  const { pending } = watch;
  watch.pending = null;
  return pending === null ? [] : [reportOf(pending, "cut", atMs)];
}

/** Whether a change that began after another one (not only later than its likeliest start: that moves while little is known) leads to nearer where that one began than to where it went: a spell is over. */
function leadsBack(found: Told, spell: Pick<Told, "startHighMs" | "beforeMean" | "afterMean"> | null): boolean {
  if (spell === null || found.startMs <= spell.startHighMs) return false;
  return Math.abs(found.afterMean - spell.beforeMean) < 0.5 * Math.abs(spell.afterMean - spell.beforeMean);
}

function reportOf({ before: _, ...told }: Reported, kind: ChangeReport["kind"], atMs: number): ChangeReport {
  return { ...told, kind, atMs };
}

interface Found {
  readonly told: Told;
  /** The place of the likeliest run. */
  readonly run: number;
  readonly support: number;
  /** Totals at the late end of the start's interval: a start inside the interval is not another change. */
  readonly boundary: Totals;
}

/** The likeliest change since a boundary. */
function findSince(watch: Watch, since: Totals, settings: StreamSettings): Found | null {
  const found = readSince(watch.filter, watch.totals.observed - since.observed, settings);
  if (found === null) return null;
  const startMs = (run: number) => (watch.originHour + watch.filter.runs.start[run]! * settings.hoursPerStep) * HOUR_MS;
  const after = totalsOfRun(watch, found.run);
  return {
    told: {
      startMs: startMs(found.run),
      startLowMs: startMs(found.low),
      startHighMs: startMs(found.high),
      probability: found.probability,
      beforeMean: meanOf(watch, subtract(subtract(watch.totals, after), since)),
      afterMean: meanOf(watch, after),
    },
    run: found.run,
    support: found.support,
    boundary: subtract(watch.totals, totalsOfRun(watch, found.high)),
  };
}
