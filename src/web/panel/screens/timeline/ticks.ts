import type { Zone } from "../../words/zone.ts";
import type { View } from "./view.ts";

/** A place on the axis. `shift` = here the clocks change, by so many ms. */
export interface Tick {
  readonly atMs: number;
  readonly kind: "minute" | "day" | "month" | "shift";
  readonly shiftMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const CLOCK_STEPS = [5, 15, 30, 60, 120, 180, 360, 720];
const DAY_STEPS = [1, 2, 7, 14];
/** Clocks change by no finer step. */
const FINEST_MS = 15 * MINUTE_MS;

/** Where the axis has words: wall-clock times of the zone, days or months, at most so many. */
export function ticksOf({ fromMs, toMs }: View, zone: Zone, most: number): Tick[] {
  const spanMs = toMs - fromMs;
  const clock = CLOCK_STEPS.find((step) => spanMs / (step * MINUTE_MS) <= most);
  const ticks = clock !== undefined ? clockTicks({ fromMs, toMs }, zone, clock) : dayTicks({ fromMs, toMs }, zone, most);
  return spanMs > 8 * DAY_MS ? ticks : [...ticks, ...shiftsIn({ fromMs, toMs }, zone)];
}

/** An hour that the clocks skip has no tick; one that comes twice has two where each hour has one. */
function clockTicks({ fromMs, toMs }: View, zone: Zone, stepMinutes: number): Tick[] {
  const walkMs = Math.min(stepMinutes * MINUTE_MS, FINEST_MS);
  const ticks: Tick[] = [];
  let before = "";
  for (let atMs = Math.ceil(fromMs / walkMs) * walkMs; atMs < toMs; atMs += walkMs) {
    const clock = zone.wallClockAt(atMs);
    const minutes = Number(clock.slice(11, 13)) * 60 + Number(clock.slice(14, 16));
    if (minutes % stepMinutes !== 0 || (stepMinutes > 60 && clock === before)) continue;
    before = clock;
    ticks.push({ atMs, kind: minutes === 0 ? "day" : "minute", shiftMs: 0 });
  }
  return ticks;
}

function dayTicks({ fromMs, toMs }: View, zone: Zone, most: number): Tick[] {
  const days = (toMs - fromMs) / DAY_MS;
  const step = DAY_STEPS.find((each) => days / each <= most);
  const ticks: Tick[] = [];
  const months = Math.max(1, Math.ceil(days / 30.4 / most));
  for (let day = zone.dayAt(fromMs); ; day += 1) {
    const atMs = zone.dayStartMs(day);
    if (atMs >= toMs) return ticks;
    const date = new Date(day * DAY_MS);
    const isFirst = date.getUTCDate() === 1;
    const isWanted = step === undefined ? isFirst && date.getUTCMonth() % months === 0 : (day + 3) % step === 0;
    if (atMs >= fromMs && isWanted) ticks.push({ atMs, kind: step === undefined ? "month" : "day", shiftMs: 0 });
  }
}

function shiftsIn({ fromMs, toMs }: View, zone: Zone): Tick[] {
  const shifts: Tick[] = [];
  let before = zone.offsetMsAt(fromMs);
  for (let atMs = Math.ceil(fromMs / FINEST_MS) * FINEST_MS; atMs < toMs; atMs += FINEST_MS) {
    const offset = zone.offsetMsAt(atMs);
    if (offset !== before) shifts.push({ atMs, kind: "shift", shiftMs: offset - before });
    before = offset;
  }
  return shifts;
}
