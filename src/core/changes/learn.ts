import { createNoise, noteNoise } from "./count-noise.ts";
import { countShapeAt, learnCountShape } from "./count-shape.ts";
import { learnLevelShape, levelShapeAt } from "./level-shape.ts";
import { autoregression, median, robustScale, trimmedMean } from "./robust.ts";
import type { StreamSettings } from "./settings.ts";
import type { Slot } from "./slot.ts";
import { type CountView, expectedVariance, type LevelView, recentSteps, SLOTS_PER_HOUR } from "./watch.ts";

/** One hour as a stream remembers it while it learns. */
export interface Remembered {
  /** End of the hour, in hours since the epoch. */
  readonly endHour: number;
  readonly value: number;
  readonly exposure: number;
}

/** Shape, whitening and prior of a level from its learning time. Windows in time order; `slots` gives each one's place in the week. */
export function learnLevels(windows: readonly Remembered[], slots: readonly Slot[], settings: StreamSettings): LevelView {
  const shape = learnLevelShape(
    slots,
    windows.map((window) => window.value),
  );
  const steps = gather(windows, settings).map((step) =>
    2 * step.length >= settings.hoursPerStep
      ? trimmedMean(step.map((i) => windows[i]!.value - levelShapeAt(shape, slots[i]!)))
      : Number.NaN,
  );
  const centre = median(steps.filter((step) => !Number.isNaN(step)));
  const phi = autoregression(steps, centre);
  const residuals = steps
    .map((step, k) => step - centre - phi * ((steps[k - 1] ?? Number.NaN) - centre))
    .filter((residual) => !Number.isNaN(residual));
  const recent = new Float32Array(recentSteps(settings)).fill(Number.NaN);
  return { kind: "gaussian", shape, centre, phi, scale: usableScale(residuals, centre), anchor: 0, recent };
}

/** Shape, rate (share), most and noise of a count or a ratio from its learning time. */
export function learnCounts(
  kind: CountView["kind"],
  windows: readonly Remembered[],
  slots: readonly Slot[],
  settings: StreamSettings,
): CountView {
  const isRatio = kind === "ratio";
  const values = windows.map(({ value, exposure }) => (isRatio ? value * exposure * SLOTS_PER_HOUR : value));
  const most = isRatio ? SLOTS_PER_HOUR : mostBelievable(values);
  const capped = values.map((value) => Math.min(value, most));
  const exposures = windows.map(({ exposure }) => (isRatio ? exposure * SLOTS_PER_HOUR : exposure));
  const shape = learnCountShape(slots, capped, exposures);
  const steps = gather(windows, settings).map((step) => ({
    count: step.reduce((sum, i) => sum + capped[i]!, 0),
    exposure: step.reduce((sum, i) => sum + exposures[i]! * countShapeAt(shape, slots[i]!), 0),
  }));
  const counts = steps.reduce((sum, step) => sum + step.count, 0);
  const exposure = steps.reduce((sum, step) => sum + step.exposure, 0);
  // A stream that has not counted anything yet is taken to be worth half a count.
  const rate = Math.max(counts, 0.5) / Math.max(exposure, 1e-9);
  const share = isRatio ? Math.min(0.999, rate) : rate;
  const noise = createNoise();
  for (const step of steps) {
    const expected = share * step.exposure;
    if (step.exposure > 0) noteNoise(noise, step.count, expected, expectedVariance(kind, expected, step.exposure));
  }
  return { kind, shape, rate: share, most, noise };
}

/** An hour that counts more than this is a fault or a freak: twice what 99 of 100 hours stay below, and five. */
function mostBelievable(counts: readonly number[]): number {
  const sorted = Float64Array.from(counts).sort();
  return 2 * sorted[Math.floor(0.99 * (sorted.length - 1))]! + 5;
}

/** The places of the windows of each step, from the first step to the last. */
function gather(windows: readonly Remembered[], settings: StreamSettings): number[][] {
  const stepOf = (window: Remembered) => Math.ceil(window.endHour / settings.hoursPerStep);
  const first = stepOf(windows[0]!);
  const steps = Array.from({ length: stepOf(windows[windows.length - 1]!) - first + 1 }, (): number[] => []);
  for (const [i, window] of windows.entries()) steps[stepOf(window) - first]!.push(i);
  return steps;
}

/** The robust scale, or what can stand in for it where most values are equal. */
function usableScale(residuals: readonly number[], centre: number): number {
  let squares = 0;
  for (const residual of residuals) squares += residual * residual;
  const plain = Math.sqrt(squares / Math.max(1, residuals.length));
  const robust = residuals.length === 0 ? 0 : robustScale(residuals, median(residuals));
  return Math.max(robust, plain / 3, 1e-3 * Math.abs(centre), 1e-9);
}
