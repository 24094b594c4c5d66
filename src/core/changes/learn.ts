import { countShapeAt, learnCountShape } from "./count-shape.ts";
import { learnLevelShape, levelShapeAt, type Slot } from "./level-shape.ts";
import { lagOneCorrelation, median, robustScale } from "./robust.ts";
import type { StreamSettings } from "./settings.ts";
import { beginWatch, closeBlock, modelOf, takeWindow, type Watch } from "./watch.ts";

/** One hour as the stream remembers it while learning. */
export interface Remembered {
  readonly endHour: number;
  readonly value: number;
  readonly exposure: number;
}

/**
 * Shape, whitening and prior from the learning time, then the filter run over that same time. The windows are in time order, one
 * per hour at most; `slotOf` gives each one's place in the local week.
 */
export function learnWatch(
  kind: "gaussian" | "poisson",
  windows: readonly Remembered[],
  slotOf: (endHour: number) => Slot,
  settings: StreamSettings,
): Watch {
  const slots = windows.map((window) => slotOf(window.endHour));
  const watch = kind === "gaussian" ? learnLevels(windows, slots, settings) : learnCounts(windows, slots, settings);
  return watch;
}

function blockOf(endHour: number, settings: StreamSettings): number {
  return Math.ceil(endHour / settings.hoursPerStep);
}

/** The steps that the windows make; NaN for a step with too few. */
function stepsOf(windows: readonly Remembered[], residuals: readonly number[], settings: StreamSettings): number[] {
  const first = blockOf(windows[0]!.endHour, settings);
  const length = blockOf(windows[windows.length - 1]!.endHour, settings) - first + 1;
  const sums = new Array<number>(length).fill(0);
  const counts = new Array<number>(length).fill(0);
  for (const [i, window] of windows.entries()) {
    const k = blockOf(window.endHour, settings) - first;
    sums[k] = sums[k]! + residuals[i]!;
    counts[k] = counts[k]! + 1;
  }
  return sums.map((sum, k) => (2 * counts[k]! >= settings.hoursPerStep ? sum / counts[k]! : Number.NaN));
}

function learnLevels(windows: readonly Remembered[], slots: readonly Slot[], settings: StreamSettings): Watch {
  const levels = windows.map((window) => window.value);
  const shape = learnLevelShape(slots, levels);
  const steps = stepsOf(
    windows,
    levels.map((level, i) => level - levelShapeAt(shape, slots[i]!)),
    settings,
  );
  const known = steps.filter((step) => !Number.isNaN(step));
  const centre = median(known);
  const phi = lagOneCorrelation(steps, centre);
  const residuals: number[] = [];
  for (let i = 1; i < steps.length; i++) {
    const residual = steps[i]! - centre - phi * (steps[i - 1]! - centre);
    if (!Number.isNaN(residual)) residuals.push(residual);
  }
  const scale = usableScale(residuals, centre);
  const prior = { kind: "gaussian", centre, phi, scale } as const;
  return replay(windows, slots, { kind: "gaussian", of: shape }, prior, settings);
}

/** The robust scale, or what can stand in for it where most values are equal. */
function usableScale(residuals: readonly number[], centre: number): number {
  const robust = robustScale(residuals, median(residuals));
  let squares = 0;
  for (const residual of residuals) squares += residual * residual;
  const plain = Math.sqrt(squares / Math.max(1, residuals.length));
  return Math.max(robust, plain / 3, 1e-3 * Math.abs(centre), 1e-9);
}

function learnCounts(windows: readonly Remembered[], slots: readonly Slot[], settings: StreamSettings): Watch {
  const counts = windows.map((window) => window.value);
  const exposures = windows.map((window) => window.exposure);
  const shape = learnCountShape(slots, counts, exposures);
  const first = blockOf(windows[0]!.endHour, settings);
  const length = blockOf(windows[windows.length - 1]!.endHour, settings) - first + 1;
  const sums = new Float64Array(length);
  const expected = new Float64Array(length);
  let total = 0;
  let exposure = 0;
  for (const [i, window] of windows.entries()) {
    const k = blockOf(window.endHour, settings) - first;
    const share = window.exposure * countShapeAt(shape, slots[i]!);
    sums[k] = sums[k]! + window.value;
    expected[k] = expected[k]! + share;
    total += window.value;
    exposure += share;
  }
  const rate = Math.max(total, 0.5) / Math.max(exposure, 1e-9);
  const residuals: number[] = [];
  let squares = 0;
  let means = 0;
  let known = 0;
  for (let k = 0; k < length; k++) {
    const mean = rate * expected[k]!;
    const residual = mean > 0 ? sums[k]! - mean : Number.NaN;
    residuals.push(residual);
    if (!(mean > 0)) continue;
    squares += residual * residual;
    means += mean;
    known += 1;
  }
  const rho = lagOneCorrelation(residuals, 0);
  const measured = ((squares / means) * (1 + rho)) / (1 - rho);
  // One standard error more than measured: too small a dispersion cries wolf for ever, too large a one is only slower.
  const steps = (known * (1 - rho)) / (1 + rho);
  const dispersion = 1 + Math.max(0, measured * (1 + Math.sqrt(2 / Math.max(1, steps))) - 1);
  return replay(windows, slots, { kind: "poisson", of: shape }, { kind: "poisson", rate, dispersion }, settings);
}

function replay(
  windows: readonly Remembered[],
  slots: readonly Slot[],
  shape: Watch["shape"],
  prior: Watch["prior"],
  settings: StreamSettings,
): Watch {
  const step = settings.hoursPerStep;
  const originHour = (blockOf(windows[0]!.endHour, settings) - 1) * step;
  const watch = beginWatch(shape, prior, originHour * 3_600_000, modelOf(prior, settings));
  let next = originHour + step;
  for (const [i, window] of windows.entries()) {
    while (window.endHour > next) {
      closeBlock(watch, settings);
      next += step;
    }
    takeWindow(watch, slots[i]!, window.value, window.exposure, settings, false);
  }
  if (windows[windows.length - 1]!.endHour === next) closeBlock(watch, settings);
  return watch;
}
