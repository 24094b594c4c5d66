import { createNoise, noteNoise } from "./count-noise.ts";
import { countShapeAt, learnCountShape } from "./count-shape.ts";
import { learnLevelShape, levelShapeAt } from "./level-shape.ts";
import { autoregression, median, robustScale } from "./robust.ts";
import type { StreamSettings } from "./settings.ts";
import type { Slot } from "./slot.ts";
import type { CountView, LevelView } from "./watch.ts";

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
  const steps = gather(windows, settings, (i) => [windows[i]!.value - levelShapeAt(shape, slots[i]!), 1]).map(([sum, hours]) =>
    2 * hours >= settings.hoursPerStep ? sum / hours : Number.NaN,
  );
  const centre = median(steps.filter((step) => !Number.isNaN(step)));
  const phi = autoregression(steps, centre);
  const residuals = steps
    .map((step, k) => step - centre - phi * ((steps[k - 1] ?? Number.NaN) - centre))
    .filter((residual) => !Number.isNaN(residual));
  return { kind: "gaussian", shape, centre, phi, scale: usableScale(residuals, centre) };
}

/** Shape, rate and noise of a count from its learning time. */
export function learnCounts(windows: readonly Remembered[], slots: readonly Slot[], settings: StreamSettings): CountView {
  const shape = learnCountShape(
    slots,
    windows.map((window) => window.value),
    windows.map((window) => window.exposure),
  );
  const steps = gather(windows, settings, (i) => [windows[i]!.value, windows[i]!.exposure * countShapeAt(shape, slots[i]!)]);
  let counts = 0;
  let exposure = 0;
  for (const [count, expected] of steps) {
    counts += count;
    exposure += expected;
  }
  // A stream that has not counted anything yet is taken to be worth half a count.
  const rate = Math.max(counts, 0.5) / Math.max(exposure, 1e-9);
  const noise = createNoise();
  for (const [count, expected] of steps) if (expected > 0) noteNoise(noise, count, rate * expected);
  return { kind: "poisson", shape, rate, noise };
}

/** Sums over the windows of each step, from the first to the last; [0, 0] for a step without any. */
function gather(
  windows: readonly Remembered[],
  settings: StreamSettings,
  of: (i: number) => readonly [number, number],
): [number, number][] {
  const stepOf = (window: Remembered) => Math.ceil(window.endHour / settings.hoursPerStep);
  const first = stepOf(windows[0]!);
  const steps = Array.from({ length: stepOf(windows[windows.length - 1]!) - first + 1 }, (): [number, number] => [0, 0]);
  for (const [i, window] of windows.entries()) {
    const step = steps[stepOf(window) - first]!;
    const [a, b] = of(i);
    step[0] += a;
    step[1] += b;
  }
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
