import type { StreamWindow } from "../../../src/core/changes/stream.ts";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { seeded } from "./models.ts";

/** A Monday, 00:00 UTC. */
export const BEGIN_MS = Date.UTC(2025, 0, 6);

export interface Rhythm {
  readonly seed: number;
  readonly days: number;
  /** Day at which the habit changes, if ever; fractions are hours. */
  readonly changeDay?: number;
  /** Levels: added after the change, in standard deviations of the noise. Counts and shares: factor after the change. */
  readonly change?: number;
}

/** A temperature: swing of 4 by time of day, AR(1) noise of standard deviation 0.3 and phi 0.7. */
export function temperature({ seed, days, changeDay = Number.POSITIVE_INFINITY, change = 0 }: Rhythm): StreamWindow[] {
  const random = seeded(seed);
  let noise = 0;
  return hours(days, (hour, day) => {
    noise = 0.7 * noise + 0.3 * Math.sqrt(1 - 0.49) * random.normal();
    return 20 + 4 * Math.sin((2 * Math.PI * hour) / 24) + noise + (day >= changeDay ? 0.3 * change : 0);
  });
}

/** Motions of a home: nothing at night, 8 an hour in the evening, a third more at weekends, overdispersed. */
export function motions({ seed, days, changeDay = Number.POSITIVE_INFINITY, change = 1 }: Rhythm): StreamWindow[] {
  const random = seeded(seed);
  let mood = 0;
  return hours(days, (hour, day) => {
    mood = 0.6 * mood + 0.8 * random.normal();
    const shape = hour < 6 ? 0.05 : 4 + 4 * Math.sin((Math.PI * (hour - 10)) / 14);
    const weekend = Math.floor(day) % 7 >= 5 ? 1.33 : 1;
    return random.poisson(shape * weekend * Math.exp(0.4 * mood - 0.08) * (day >= changeDay ? change : 1));
  });
}

/** Share of each hour in which somebody is in a room: a quarter in the evening, hardly any at night, other on other days. */
export function presence({ seed, days, changeDay = Number.POSITIVE_INFINITY, change = 1 }: Rhythm): StreamWindow[] {
  const random = seeded(seed);
  let mood = 0;
  return hours(days, (hour, day) => {
    if (hour === 0) mood = 0.3 * mood + 0.15 * random.normal();
    const shape = 0.25 * Math.max(0.02, Math.cos((2 * Math.PI * (hour - 19)) / 24));
    const share = shape * Math.exp(mood) * (1 + 0.4 * random.normal()) * (day >= changeDay ? change : 1);
    return Math.min(1, Math.max(0, share));
  });
}

function hours(days: number, value: (hour: number, day: number) => number): StreamWindow[] {
  return Array.from({ length: days * 24 }, (_, t) => ({ endMs: BEGIN_MS + (t + 1) * HOUR_MS, value: value(t % 24, t / 24) }));
}

export const atDay = (day: number): number => BEGIN_MS + day * DAY_MS;
