import { CATALOGUE_DEFAULTS, type CatalogueFacts, chooseFeatures } from "../src/core/features/catalogue.ts";
import { computeWindows } from "../src/core/features/compute.ts";
import { lookBackMs } from "../src/core/features/definition.ts";
import { createTimeline, type Timeline } from "../src/core/features/timeline.ts";
import { createRandom } from "./event-year.ts";
import { spreadOf } from "./machine.ts";

const GRID_MS = 300_000;
const NOW_MS = Date.UTC(2025, 5, 1);
const ENTITIES = 1500;
/** Events of the whole home in a day. */
const EVENTS_PER_DAY = 500_000;

/** A large home by domain and class, so that the catalogue finds all it looks for. */
const KINDS: readonly (readonly [domain: string, deviceClass: string | null, busy: number])[] = [
  ["binary_sensor", "motion", 4],
  ["binary_sensor", "occupancy", 2],
  ["binary_sensor", "door", 1],
  ["binary_sensor", "window", 0.2],
  ["light", null, 1],
  ["switch", null, 1],
  ["cover", null, 0.1],
  ["media_player", null, 1],
  ["person", null, 0.1],
  ["sensor", "power", 30],
  ["sensor", "temperature", 8],
  ["sensor", "illuminance", 10],
];

/** Median milliseconds of computing one new window of 300 features of a home of 1,500 entities, its look-back in memory. */
export function livePassMs(): number {
  const facts = Array.from({ length: ENTITIES }, (_, i): CatalogueFacts => {
    const [domain, deviceClass, busy] = KINDS[i % KINDS.length]!;
    const name = i % 101 === 2 ? `front_door_${i}` : `made_${i}`;
    const unit = domain === "sensor" ? "x" : null;
    return {
      entityId: `${domain}.${name}`,
      domain,
      deviceClass,
      unit,
      area: `Area ${i % 20}`,
      name: null,
      platform: "test",
      kind: null,
      eventCount: busy * 100,
    };
  });
  const { definitions } = chooseFeatures(facts, { ...CATALOGUE_DEFAULTS, timeZone: "Europe/Amsterdam" });
  const { reachMs, holdLastMs } = lookBackMs(definitions);
  const timelines = timelinesOf(facts, NOW_MS - reachMs - holdLastMs);
  const passes = Array.from({ length: 25 }, (_, pass) => {
    const windowNo = NOW_MS / GRID_MS - 25 + pass;
    const started = performance.now();
    computeWindows({
      definitions,
      timelines,
      fromNo: windowNo,
      toNo: windowNo,
      gridMs: GRID_MS,
      knownFromMs: NOW_MS - 100 * 86_400_000,
      gaps: [],
    });
    return performance.now() - started;
  });
  // The first ones still compile; a live app has long done that.
  return spreadOf(passes.slice(5)).median;
}

function timelinesOf(facts: readonly CatalogueFacts[], fromMs: number): Map<string, Timeline> {
  const random = createRandom(2);
  const busyOf = (i: number): number => KINDS[i % KINDS.length]![2];
  const total = facts.reduce((sum, _, i) => sum + busyOf(i), 0);
  const days = (NOW_MS - fromMs) / 86_400_000;
  return new Map(
    facts.map(({ entityId, domain }, i) => {
      const count = Math.ceil((EVENTS_PER_DAY * days * busyOf(i)) / total);
      const times = Float64Array.from({ length: count }, () => fromMs + random() * (NOW_MS - fromMs)).sort();
      const builder = createTimeline(entityId, domain === "sensor" ? "numeric" : "binary", count);
      let lastUs = 0;
      times.forEach((atMs, k) => {
        lastUs = Math.max(lastUs + 1, Math.round(atMs * 1000));
        builder.push(
          lastUs,
          domain === "sensor" ? String(Math.round(random() * 1000) / 10) : k % 2 === 0 ? "on" : "off",
          lastUs / 1000 + 40,
          "live",
        );
      });
      return [entityId, builder.timeline()];
    }),
  );
}
