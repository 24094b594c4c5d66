import { advance, createFilter, hazardOf } from "./filter.ts";
import { trimmedMean } from "./robust.ts";
import type { StreamSettings } from "./settings.ts";
import { type CountView, cut, type LevelView, modelOf, NOTHING, totalsOfRun, type Watch } from "./watch.ts";

/**
 * Once a change is final, what it led to is the usual: residuals are cut about it, and a new run is expected near it. A prior that stays where the first
 * two weeks were loses its eyes as the level moves away (Yoshizawa 2022): a level twice as high would be cut at the same value as before, and a count
 * that has grown a hundredfold would have to prove each new run against the old rate. `run`: the place of the run that is final.
 */
export function recentre(watch: Watch, run: number, settings: StreamSettings): void {
  if (watch.view.kind === "gaussian") recentreLevel(watch, watch.view, run, settings);
  else recentreCount(watch, watch.view, run, settings);
}

function recentreLevel(watch: Watch, view: LevelView, run: number, settings: StreamSettings): void {
  const { runs, model } = watch.filter;
  const newest = [...view.recent.subarray(Math.max(0, view.recent.length - runs.seen[run]!))].filter((residual) => !Number.isNaN(residual));
  const cutOff = trimmedMean(newest.map((residual) => residual - view.anchor - cut(residual - view.anchor, settings.clip)));
  if (cutOff === 0) {
    // All runs and all residuals to come move alike, by the run's mean: nothing that was learned changes.
    const moved = model.mean(runs, run);
    const means = runs.statistics[0]!;
    for (let i = 0; i < runs.count - 1; i++) means[i] = means[i]! - moved;
    view.anchor += moved;
  } else {
    view.anchor = trimmedMean(newest);
    watchFromRun(
      watch,
      run,
      newest.map((residual) => cut(residual - view.anchor, settings.clip)),
      settings,
    );
  }
}

/** The run saw its values cut alike, so it knows neither its mean nor its noise: the filter begins anew where the run did, with the newest residuals. */
function watchFromRun(watch: Watch, run: number, residuals: readonly number[], settings: StreamSettings): void {
  const { filter } = watch;
  const { observed, sum } = totalsOfRun(watch, run);
  const startStep = filter.runs.start[run]!;
  const hazard = hazardOf(settings.hoursPerStep, settings.meanRunHours);
  const anew = createFilter(filter.model, filter.limit);
  for (let step = startStep; step < filter.step - residuals.length; step++) advance(anew, null, 1, hazard, 0);
  const each = sum / observed;
  for (const [k, residual] of residuals.entries()) advance(anew, residual, 1, hazard, (k + 1) * each);
  watch.filter = anew;
  watch.originHour += startStep * settings.hoursPerStep;
  watch.totals = { observed: residuals.length, sum: residuals.length * each, exposure: residuals.length };
  watch.boundary = NOTHING;
  watch.final = null;
}

/** The prior of all runs moves from the old rate to the new one; what they have counted since stays. */
function recentreCount(watch: Watch, view: CountView, run: number, settings: StreamSettings): void {
  const { filter } = watch;
  const { sum, exposure } = totalsOfRun(watch, run);
  const rate = Math.max(sum, 0.5) / exposure;
  if (view.kind === "poisson") view.most *= Math.max(1, rate / view.rate);
  view.rate = view.kind === "ratio" ? Math.min(0.999, rate) : rate;
  const model = modelOf(view, settings);
  for (const [k, column] of filter.runs.statistics.entries()) {
    const shift = model.empty[k]! - filter.model.empty[k]!;
    for (let i = 0; i < filter.runs.count; i++) column[i] = column[i]! + shift;
  }
  watch.filter = { ...filter, model };
}

/** After a long gap nobody knows where the level is: the filter takes holes until it has been read anew. */
export function forgetLevel(view: LevelView): void {
  view.anchor = Number.NaN;
  view.recent.fill(Number.NaN);
}
