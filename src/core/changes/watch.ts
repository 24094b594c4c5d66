import { DEFAULT_LIMIT } from "./bound.ts";
import { type CountShape, copyCountShape, countShapeAt, noteCount } from "./count-shape.ts";
import { advance, copyFilter, createFilter, type Filter, hazardOf } from "./filter.ts";
import { createGaussian } from "./gaussian.ts";
import { copyLevelShape, type LevelShape, levelShapeAt, noteLevel, type Slot } from "./level-shape.ts";
import type { ObservationModel } from "./model.ts";
import { createPoisson } from "./poisson-gamma.ts";
import type { StreamSettings } from "./settings.ts";

/** What the learning time fixed for good. Levels: residual = (level - shape - centre) - phi * the one before, in units of scale. */
export interface LevelPrior {
  readonly kind: "gaussian";
  readonly centre: number;
  readonly phi: number;
  readonly scale: number;
}

/** Counts: rate per hour of an average hour, and how many times a Poisson's the variance of a long sum is. */
export interface CountPrior {
  readonly kind: "poisson";
  readonly rate: number;
  readonly dispersion: number;
}

/** Sums since the filter began: levels in units of the scale over steps, or counts over hours of an average hour. */
export interface Totals {
  observed: number;
  sum: number;
  exposure: number;
}

/** A stream whose shape and prior are known. Mutable; `copyWatch` makes one that can be stepped without touching the other. */
export interface Watch {
  readonly shape: { readonly kind: "gaussian"; readonly of: LevelShape } | { readonly kind: "poisson"; readonly of: CountShape };
  readonly prior: LevelPrior | CountPrior;
  filter: Filter;
  /** End of step 0. */
  originMs: number;
  totals: Totals;
  /** Of the running step: windows with a value, their sum, their exposure. */
  block: { windows: number; sum: number; exposure: number };
  /** The step before, for whitening: level - shape - centre; NaN when there was none. */
  previous: number;
}

export function modelOf(prior: LevelPrior | CountPrior, settings: StreamSettings): ObservationModel {
  if (prior.kind === "gaussian") {
    return createGaussian({ mu0: 0, kappa0: settings.kappa0, alpha0: settings.alpha0, beta0: settings.alpha0 });
  }
  return createPoisson({ shape0: settings.shape0, rate0: settings.shape0 / prior.rate });
}

export function beginWatch(shape: Watch["shape"], prior: LevelPrior | CountPrior, originMs: number, model: ObservationModel): Watch {
  return {
    shape,
    prior,
    filter: createFilter(model, DEFAULT_LIMIT),
    originMs,
    totals: { observed: 0, sum: 0, exposure: 0 },
    block: { windows: 0, sum: 0, exposure: 0 },
    previous: Number.NaN,
  };
}

export function copyWatch(watch: Watch): Watch {
  const shape: Watch["shape"] =
    watch.shape.kind === "gaussian"
      ? { kind: "gaussian", of: copyLevelShape(watch.shape.of) }
      : { kind: "poisson", of: copyCountShape(watch.shape.of) };
  return { ...watch, shape, filter: copyFilter(watch.filter), totals: { ...watch.totals }, block: { ...watch.block } };
}

/** Starts the filter anew after a gap: nothing before it is compared with anything after it. */
export function restart(watch: Watch, originMs: number): void {
  watch.filter = createFilter(watch.filter.model, DEFAULT_LIMIT);
  watch.originMs = originMs;
  watch.totals = { observed: 0, sum: 0, exposure: 0 };
  watch.block = { windows: 0, sum: 0, exposure: 0 };
  watch.previous = Number.NaN;
}

/** Takes in one window (a value or a hole); shapes learn only when `learn`. */
export function takeWindow(watch: Watch, slot: Slot, value: number | null, exposure: number, settings: StreamSettings, learn: boolean): void {
  if (value === null || !(exposure > 0)) return;
  const { block, shape } = watch;
  block.windows += 1;
  if (shape.kind === "gaussian") {
    block.sum += value - levelShapeAt(shape.of, slot);
    if (learn) noteLevel(shape.of, slot, value, settings.shapeRate);
  } else {
    block.sum += value;
    block.exposure += exposure * countShapeAt(shape.of, slot);
    if (learn) noteCount(shape.of, slot, value, exposure, settings.shapeRate);
  }
}

/** Ends the running step: the filter takes the whitened residual, or a hole when too little was seen. */
export function closeBlock(watch: Watch, settings: StreamSettings): void {
  const { block, prior, totals } = watch;
  const hazard = hazardOf(settings.hoursPerStep, settings.meanRunHours);
  const seenEnough = 2 * block.windows >= settings.hoursPerStep;
  let value: number | null = null;
  let exposure = 1;
  if (prior.kind === "gaussian") {
    const level = seenEnough ? block.sum / block.windows - prior.centre : Number.NaN;
    const residual = (level - prior.phi * (prior.phi === 0 ? 0 : watch.previous)) / prior.scale;
    watch.previous = level;
    if (!Number.isNaN(residual)) {
      value = Math.max(-settings.clip, Math.min(settings.clip, residual));
      totals.observed += 1;
      totals.sum += level / prior.scale;
      totals.exposure += 1;
    }
  } else if (block.windows > 0) {
    value = block.sum / prior.dispersion;
    exposure = block.exposure / prior.dispersion;
    totals.observed += 1;
    totals.sum += block.sum;
    totals.exposure += block.exposure;
  }
  advance(watch.filter, value, exposure, hazard, prior.kind === "gaussian" ? totals.sum : 0);
  block.windows = 0;
  block.sum = 0;
  block.exposure = 0;
}
