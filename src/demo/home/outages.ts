import type { Calendar } from "./calendar.ts";
import type { HistoryShape } from "./history-shape.ts";
import type { Span } from "./household.ts";
import { createRandom } from "./random.ts";

const MINUTE = 60_000;

/** When each unreliable sensor is unavailable on that day, in order; spans end with the day. */
export function outagesOf(
  seed: number,
  day: { readonly day: number; readonly startMs: number; readonly endMs: number },
  shape: HistoryShape,
  calendar: Calendar,
): ReadonlyMap<string, readonly Span[]> {
  const outages = new Map<string, Span[]>();
  if (day.endMs > shape.sensorDeathAtMs) {
    outages.set("binary_sensor.bathroom_window", [
      { fromMs: Math.max(day.startMs, shape.sensorDeathAtMs), toMs: Number.POSITIVE_INFINITY },
    ]);
  }
  outages.set("binary_sensor.garden_motion", flapping(seed, day));
  const restart = radioRestart(seed, day.day, calendar);
  if (restart) for (const entityId of RADIO) outages.set(entityId, [...(outages.get(entityId) ?? []), restart]);
  for (const spans of outages.values()) spans.sort((a, b) => a.fromMs - b.fromMs);
  return outages;
}

/** Sensors behind one radio, which restarts now and then: all are gone for half a minute, in the same instant. */
const RADIO = [
  "binary_sensor.bedroom_motion",
  "binary_sensor.hallway_motion",
  "binary_sensor.kitchen_motion",
  "binary_sensor.fridge_door",
  "binary_sensor.bathroom_door",
  "sensor.bedroom_temperature",
  "sensor.kitchen_temperature",
] as const;

function radioRestart(seed: number, day: number, calendar: Calendar): Span | null {
  const random = createRandom(seed, 131, day);
  const fromMs = calendar.at(day, random.between(60, 1380));
  return random.chance(1 / 12) ? { fromMs, toMs: fromMs + 1000 * random.between(20, 70) } : null;
}

/** At the edge of its radio's reach: on bad days it comes and goes for hours. */
function flapping(seed: number, day: { readonly day: number; readonly startMs: number; readonly endMs: number }): Span[] {
  const random = createRandom(seed, 132, day.day);
  if (!random.chance(0.55)) return [];
  const spans: Span[] = [];
  const untilMs = day.endMs - 10 * MINUTE;
  let atMs = day.startMs + MINUTE * random.between(0, 700);
  const calmMs = Math.min(untilMs, atMs + MINUTE * random.between(90, 600));
  while (atMs < calmMs) {
    const toMs = Math.min(untilMs, atMs + MINUTE * random.lognormal(2.5, 0.9));
    spans.push({ fromMs: atMs, toMs });
    atMs = toMs + MINUTE * random.lognormal(9, 0.8);
  }
  return spans;
}
