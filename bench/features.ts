import { computeWindows } from "../src/core/features/compute.ts";
import type { FeatureDefinition } from "../src/core/features/definition.ts";
import { createTimeline, type Timeline } from "../src/core/features/timeline.ts";
import { type EntityYear, makeYear, YEAR_MS } from "./event-year.ts";
import { definitionsOf } from "./feature-columns.ts";
import { entityIdOf, runFiles } from "./feature-file.ts";
import { livePassMs } from "./feature-live.ts";
import { peerSeconds } from "./feature-peer.ts";
import { machine, spreadOf } from "./machine.ts";

const GRID_MS = 300_000;
const YEAR_START_MS = Date.UTC(2025, 0, 1);
/** Windows computed at once: four weeks. */
const CHUNK = 8064;
const RUNS = 5;
const FILE_RUNS = 3;

/**
 * A year of 5-minute windows, two features of each entity: `ours` seconds from a file of raw events to its table of features, `rssMb` the peak of
 * the process that does it; `computeSeconds` from columns in memory to columns in memory, four weeks at once, and `ratio` of that to the
 * pandas pass on the same events.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const entities = Math.max(1, Math.round(Number(options["features"] ?? 100) / 2));
  const year = makeYear(Number(options["events"] ?? 5_000_000), entities, 1);
  const timelines = timelinesOf(year);
  const definitions = [...timelines.values()].flatMap(({ entityId }) => definitionsOf(entityId));
  const seconds = Array.from({ length: RUNS }, () => computeYear(definitions, timelines));
  const compute = spreadOf(seconds);
  const peer = await peerSeconds(year, RUNS);
  const files = await runFiles(year, YEAR_START_MS, FILE_RUNS);
  const file = spreadOf(files.map(({ seconds }) => seconds));
  return {
    name: "features",
    ours: file.median,
    computeSeconds: compute.median,
    ...(peer === null ? {} : { peer, ratio: compute.median / peer.median }),
    livePassMs: livePassMs(),
    unit: "s",
    runs: file,
    computeRuns: compute,
    events: year.reduce((sum, { timeMs }) => sum + timeMs.length, 0),
    features: definitions.length,
    rssMb: Math.round(Math.max(...files.map(({ rssMb }) => rssMb))),
    bytesPerFeatureValue: Math.round(files[0]!.bytesPerValue * 100) / 100,
    machine: machine(),
  };
}

function timelinesOf(year: readonly EntityYear[]): Map<string, Timeline> {
  const timelines = year.map(({ timeMs, value }, entity) => {
    const isBinary = entity < year.length / 2;
    const builder = createTimeline(entityIdOf(entity, year.length), isBinary ? "binary" : "numeric", timeMs.length);
    // The state at the start is known, but nothing happened then.
    timeMs.forEach((atMs, i) => {
      const state = isBinary ? (value[i] === 1 ? "on" : "off") : String(value[i]);
      builder.push((YEAR_START_MS + atMs) * 1000, state, null, i === 0 ? "anchor" : "live");
    });
    return builder.timeline();
  });
  return new Map(timelines.map((timeline) => [timeline.entityId, timeline]));
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
