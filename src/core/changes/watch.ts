import { createRatio } from "./beta-binomial.ts";
import { DEFAULT_LIMIT } from "./bound.ts";
import { type CountNoise, copyNoise, dispersionOf, noteNoise } from "./count-noise.ts";
import { type CountShape, copyCountShape, countShapeAt, noteCount } from "./count-shape.ts";
import { advance, copyFilter, createFilter, type Filter, hazardOf } from "./filter.ts";
import { createGaussian } from "./gaussian.ts";
import { copyLevelShape, type LevelShape, levelShapeAt, noteLevel } from "./level-shape.ts";
import type { ObservationModel } from "./model.ts";
import { createPoisson } from "./poisson-gamma.ts";
import { expectedMean } from "./posterior.ts";
import { median, trimmedMean } from "./robust.ts";
import type { StreamSettings } from "./settings.ts";
import type { Slot } from "./slot.ts";

/**
 * Of levels: shape, and residual = (level - shape - centre) - phi * the one before, in units of scale. `anchor` is the residual that the filter takes for
 * 0, which follows each final change (`recentre`); NaN: a gap was long, it is read anew from the next residuals. The rest is fixed but for the shape.
 */
export interface LevelView {
  readonly kind: "gaussian";
  readonly shape: LevelShape;
  readonly centre: number;
  readonly phi: number;
  readonly scale: number;
  anchor: number;
  /** The newest residuals as they were, oldest first; NaN where there was none yet. */
  readonly recent: Float32Array;
}

/**
 * Of counts and ratios (counted in slots): shape, the rate per hour (the share) of an average hour and the most an hour may count (both follow each
 * final change, `recentre`), and the noise, which is measured on.
 */
export interface CountView {
  readonly kind: "poisson" | "ratio";
  readonly shape: CountShape;
  rate: number;
  most: number;
  readonly noise: CountNoise;
}

/** Sums over steps since the filter began, weighed as the filter weighs them; sum / exposure is a mean level or rate. */
export interface Totals {
  readonly observed: number;
  readonly sum: number;
  readonly exposure: number;
}

/** A ratio is counted in slots of five minutes; how many of them are worth one is measured. */
export const SLOTS_PER_HOUR = 12;

/** Residuals that are kept: those of the time in which a change is confirmed. */
export function recentSteps({ confirmHours, hoursPerStep }: StreamSettings): number {
  return Math.ceil(confirmHours / hoursPerStep);
}

export const NOTHING: Totals = { observed: 0, sum: 0, exposure: 0 };

/** What is said of a change. */
export interface Told {
  /** The likeliest instant at which the new habit began, and its 95 % interval. */
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  /** P(a change since the last reported one). */
  readonly probability: number;
  /** Means in the stream's own unit (levels) or counts per hour, as over a whole week. */
  readonly beforeMean: number;
  readonly afterMean: number;
}

/** A change as it was reported. */
export interface Reported extends Told {
  /** Totals at the boundary before it. */
  readonly before: Totals;
  readonly detectedAtMs: number;
}

/** A withdrawn report, remembered for a while: what leads back to where it began is the end of what it told of, and no other change. */
export interface Faded extends Pick<Told, "startHighMs" | "beforeMean" | "afterMean"> {
  readonly untilMs: number;
}

/** A stream whose shape and prior are known: the filter, its clock, and what was reported. Mutable; owned by one stream state. */
export interface Watch {
  readonly view: LevelView | CountView;
  filter: Filter;
  /** End of step 0, in hours since the epoch. */
  originHour: number;
  totals: Totals;
  /** Of the running step: number of windows with a value, their exposure, and their values. */
  readonly block: Float64Array;
  /** The step before, for whitening: level - shape - centre; NaN where there was none. */
  previous: number;
  /** Totals at the last reported change. */
  boundary: Totals;
  lastChangeMs: number;
  /** The newest report, while it has to be borne out. */
  pending: Reported | null;
  /** The newest report that was borne out, while it holds; null also where the filter began anew behind it. */
  final: Reported | null;
  faded: Faded | null;
}

export function createWatch(view: LevelView | CountView, settings: StreamSettings): Watch {
  return {
    view,
    filter: createFilter(modelOf(view, settings), DEFAULT_LIMIT),
    originHour: 0,
    totals: NOTHING,
    block: new Float64Array(2 + settings.hoursPerStep),
    previous: Number.NaN,
    boundary: NOTHING,
    lastChangeMs: Number.NaN,
    pending: null,
    final: null,
    faded: null,
  };
}

export function modelOf(view: LevelView | CountView, settings: StreamSettings): ObservationModel {
  if (view.kind === "poisson") return createPoisson({ shape0: settings.shape0, rate0: settings.shape0 / view.rate });
  // Worth two slots, and as wide about the learned share as an even one.
  if (view.kind === "ratio") return createRatio({ a0: 0.5 + view.rate, b0: 1.5 - view.rate });
  return createGaussian({ mu0: 0, kappa0: settings.kappa0, alpha0: settings.alpha0, beta0: settings.alpha0 });
}

export function copyWatch(watch: Watch): Watch {
  const { view } = watch;
  return {
    ...watch,
    view:
      view.kind === "gaussian"
        ? { ...view, shape: copyLevelShape(view.shape), recent: view.recent.slice() }
        : { ...view, shape: copyCountShape(view.shape), noise: copyNoise(view.noise) },
    filter: copyFilter(watch.filter),
    block: watch.block.slice(),
  };
}

/** Starts the filter anew at the step that holds the window: nothing before it is compared with anything after it. */
export function restart(watch: Watch, endHour: number, settings: StreamSettings): void {
  watch.filter = createFilter(watch.filter.model, watch.filter.limit);
  watch.originHour = (Math.ceil(endHour / settings.hoursPerStep) - 1) * settings.hoursPerStep;
  watch.totals = NOTHING;
  watch.block.fill(0);
  watch.previous = Number.NaN;
  watch.boundary = NOTHING;
  watch.pending = null;
  watch.final = null;
  watch.faded = null;
}

/** Takes one window's value into the running step, without its shape; the shape itself learns only when `learn`. */
export function takeWindow(watch: Watch, slot: Slot, value: number, exposure: number, settings: StreamSettings, learn: boolean): void {
  const { block, view } = watch;
  const windows = block[0]!;
  block[0] = windows + 1;
  if (view.kind === "gaussian") {
    block[2 + windows] = value - levelShapeAt(view.shape, slot);
    if (learn) noteLevel(view.shape, slot, value, settings.shapeRate);
  } else {
    const slots = view.kind === "ratio" ? SLOTS_PER_HOUR : 1;
    const most = view.most * Math.max(1, expectedMean(watch.filter) / view.rate);
    // A share is of what was observed; a count is what was.
    const count = view.kind === "ratio" ? value * exposure * slots : Math.min(value, most);
    block[1] = block[1]! + exposure * slots * countShapeAt(view.shape, slot);
    block[2 + windows] = count;
    if (learn) noteCount(view.shape, slot, count, exposure, settings.shapeRate);
  }
}

/** Ends the running step: the filter takes the whitened residual or the count, or a hole when too little was seen. */
export function closeStep(watch: Watch, settings: StreamSettings): void {
  const { view, block, filter } = watch;
  const hazard = hazardOf(settings.hoursPerStep, settings.meanRunHours);
  const [windows = 0, exposure = 0] = block;
  const values = [...block.subarray(2, 2 + windows)];
  block.fill(0);
  if (view.kind === "gaussian") {
    const level = 2 * windows >= settings.hoursPerStep ? trimmedMean(values) - view.centre : Number.NaN;
    const expected = view.phi === 0 ? 0 : view.phi * watch.previous;
    const residual = (level - expected) / view.scale;
    watch.previous = level;
    if (Number.isNaN(residual) || !noteResidual(view, residual)) {
      advance(filter, null, 1, hazard, watch.totals.sum);
    } else {
      watch.totals = add(watch.totals, { observed: 1, sum: level / view.scale, exposure: 1 });
      advance(filter, cut(residual - view.anchor, settings.clip), 1, hazard, watch.totals.sum);
    }
  } else if (windows === 0 || (view.kind === "ratio" && 2 * windows < settings.hoursPerStep)) {
    advance(filter, null, 1, hazard, 0);
  } else {
    // Quasi-likelihood: counts and exposure shrink alike until the variance is a Poisson's.
    const counted = values.reduce((a, b) => a + b, 0);
    const dispersion = dispersionOf(view.noise);
    const expected = expectedMean(filter) * exposure;
    const variance = expectedVariance(view.kind, expected, exposure);
    // A door left open for a night is no habit: beyond so many deviations a step says no more.
    const reach = Math.max(1, settings.clip * Math.sqrt(variance * dispersion));
    const sum = view.kind === "ratio" ? Math.max(0, expected - reach, Math.min(counted, exposure, expected + reach)) : counted;
    noteNoise(view.noise, sum, expected, variance);
    watch.totals = add(watch.totals, { observed: 1, sum: sum / dispersion, exposure: exposure / dispersion });
    advance(filter, sum / dispersion, exposure / dispersion, hazard, 0);
  }
}

/** Keeps the residual; whether it can be compared: not before the level has been read anew after a long gap. */
function noteResidual(view: LevelView, residual: number): boolean {
  const { recent } = view;
  recent.copyWithin(0, 1);
  recent[recent.length - 1] = residual;
  if (!Number.isNaN(view.anchor)) return true;
  if (!Number.isNaN(recent[0]!)) view.anchor = median([...recent]);
  return false;
}

export function cut(residual: number, clip: number): number {
  return Math.max(-clip, Math.min(clip, residual));
}

/** Of a Poisson count, or of binomial slots. */
export function expectedVariance(kind: CountView["kind"], expected: number, exposure: number): number {
  return kind === "ratio" ? expected * Math.max(0, 1 - expected / exposure) : expected;
}

export function add(a: Totals, b: Totals): Totals {
  return { observed: a.observed + b.observed, sum: a.sum + b.sum, exposure: a.exposure + b.exposure };
}

export function subtract(a: Totals, b: Totals): Totals {
  return { observed: a.observed - b.observed, sum: a.sum - b.sum, exposure: a.exposure - b.exposure };
}

/** The totals of one run: levels from the mark noted at its start, because whitening hides the level from the run's own mean. */
export function totalsOfRun(watch: Watch, run: number): Totals {
  const { runs, model } = watch.filter;
  const observed = runs.seen[run]!;
  if (watch.view.kind === "gaussian") return { observed, sum: watch.totals.sum - runs.mark[run]!, exposure: observed };
  const [first0 = 0, second0 = 0] = model.empty;
  const first = runs.statistics[0]![run]! - first0;
  const second = runs.statistics[1]![run]! - second0;
  // Poisson: counted, exposed. Ratio: on, off.
  return { observed, sum: first, exposure: watch.view.kind === "ratio" ? first + second : second };
}

/** The mean of some steps in the stream's own unit, as it would be over a whole week. */
export function meanOf(watch: Watch, totals: Totals): number {
  const quotient = totals.sum / totals.exposure;
  return watch.view.kind === "gaussian" ? watch.view.centre + watch.view.scale * quotient : quotient;
}
