import { computeWindows } from "../src/core/features/compute.ts";
import type { FeatureDefinition } from "../src/core/features/definition.ts";
import { activityCount, level, onFraction, stateNow } from "../src/core/features/recipes.ts";
import { createTimeline, type Timeline } from "../src/core/features/timeline.ts";
import { type EntityYear, makeYear, YEAR_MS } from "./event-year.ts";
import { livePassMs } from "./feature-live.ts";
import { peerSeconds } from "./feature-peer.ts";
import { machine, spreadOf } from "./machine.ts";

const GRID_MS = 300_000;
const YEAR_START_MS = Date.UTC(2025, 0, 1);
/** Windows computed at once: four weeks. */
const CHUNK = 8064;
const RUNS = 5;
const BOUNDS = { low: -1e6, high: 1e6, scale: "linear" } as const;

/**
 * A year of 5-minute windows, two features of each entity (the columns of the peers' feature_check.py, counts as log(1 + count)):
 * `computeSeconds` from columns in memory to columns in memory, four weeks at once; `ratio` to the pandas pass on the same events.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const entities = Math.max(1, Math.round(Number(options["features"] ?? 100) / 2));
  const year = makeYear(Number(options["events"] ?? 5_000_000), entities, 1);
  const timelines = timelinesOf(year);
  const definitions = [...timelines.values()].flatMap(definitionsOf);
  const seconds = Array.from({ length: RUNS }, () => computeYear(definitions, timelines));
  const compute = spreadOf(seconds);
  const peer = await peerSeconds(year, RUNS);
  return {
    name: "features",
    ours: compute.median,
    computeSeconds: compute.median,
    ...(peer === null ? {} : { peer, ratio: compute.median / peer.median }),
    livePassMs: livePassMs(),
    unit: "s",
    runs: compute,
    events: year.reduce((sum, { timeMs }) => sum + timeMs.length, 0),
    features: definitions.length,
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    machine: machine(),
  };
}

function timelinesOf(year: readonly EntityYear[]): Map<string, Timeline> {
  const timelines = year.map(({ timeMs, value }, entity) => {
    const isBinary = entity < year.length / 2;
    const builder = createTimeline(
      isBinary ? `binary_sensor.made_${entity}` : `sensor.made_${entity}`,
      isBinary ? "binary" : "numeric",
      timeMs.length,
    );
    // The state at the start is known, but nothing happened then.
    timeMs.forEach((atMs, i) => {
      const state = isBinary ? (value[i] === 1 ? "on" : "off") : String(value[i]);
      builder.push((YEAR_START_MS + atMs) * 1000, state, null, i === 0 ? "anchor" : "live");
    });
    return builder.timeline();
  });
  return new Map(timelines.map((timeline) => [timeline.entityId, timeline]));
}

function definitionsOf({ entityId, kind }: Timeline): FeatureDefinition[] {
  const subject = { name: entityId, group: "entity" as const, entities: [entityId], repeating: [] };
  return kind === "binary"
    ? [onFraction(subject, 30), activityCount(subject, 60)]
    : [level(subject, "mean", 30, BOUNDS), stateNow(subject, BOUNDS)];
}

function computeYear(definitions: readonly FeatureDefinition[], timelines: ReadonlyMap<string, Timeline>): number {
  const started = performance.now();
  const lastNo = (YEAR_START_MS + YEAR_MS) / GRID_MS;
  for (let fromNo = YEAR_START_MS / GRID_MS + 1; fromNo <= lastNo; fromNo += CHUNK) {
    computeWindows({
      definitions,
      timelines,
      fromNo,
      toNo: Math.min(lastNo, fromNo + CHUNK - 1),
      gridMs: GRID_MS,
      knownFromMs: YEAR_START_MS,
      gaps: [],
    });
  }
  return (performance.now() - started) / 1000;
}
