import { createZone, type Zone } from "../time.ts";
import { writeClockWave, writeDays } from "./clock-columns.ts";
import type { FeatureDefinition } from "./definition.ts";
import { createFrame, type Frame } from "./frame.ts";
import { type FeatureMember, groupsOf } from "./group.ts";
import { type Gap, writeGroups, type Zones } from "./group-pass.ts";
import { roundColumn } from "./round.ts";
import type { Timeline } from "./timeline.ts";

export interface WindowsInput {
  readonly definitions: readonly FeatureDefinition[];
  /** By entity id; an entity without one is unknown. Each holds at least the rows of `lookBackMs(definitions)` before the first window's end. */
  readonly timelines: ReadonlyMap<string, Timeline>;
  /** First and last window, both included; window n ends at n * gridMs. */
  readonly fromNo: number;
  readonly toNo: number;
  readonly gridMs: number;
  /** Before this nothing is known. */
  readonly knownFromMs: number;
  /** Spans in which the app did not hear one entity, or (null) any. */
  readonly gaps: readonly Gap[];
}

/** Columns in the order of the definitions, cells in the order of the windows. */
export interface Windows {
  /** NaN where not covered; 7 significant digits. */
  readonly values: readonly Float64Array[];
  /** Whole percents. */
  readonly coverage: readonly Uint8Array[];
  readonly availableAtMs: Float64Array;
}

/**
 * Features of windows fromNo..toNo from the rows before each window's end. A value is a pure function of the rows of its look-back: the
 * same bits come out in whatever range the window is computed and whatever older or newer rows are given.
 * @throws RangeError when a horizon is no multiple of the grid.
 */
export function computeWindows(input: WindowsInput): Windows {
  const { definitions, fromNo, toNo, gridMs } = input;
  const windows = Math.max(0, toNo - fromNo + 1);
  const features = definitions.map((definition): FeatureMember => {
    if ("horizonMs" in definition && definition.horizonMs % gridMs !== 0) {
      throw new RangeError(`horizon of ${definition.name} is no multiple of the grid of ${gridMs} ms`);
    }
    const minimumCoverage = "minimumCoverage" in definition ? definition.minimumCoverage : 0;
    return { definition, column: { values: new Float64Array(windows), coverage: new Uint8Array(windows).fill(100), minimumCoverage } };
  });
  const groups = groupsOf(features);
  const frame = createFrame(fromNo, toNo, gridMs, Math.max(gridMs, ...groups.map((group) => group.needs.coverageMs)));
  const availableAtMs = Float64Array.from({ length: windows }, (_, w) => (fromNo + w) * gridMs);
  const zones = createZones();
  if (windows > 0) {
    writeClocks(features, frame, zones);
    writeGroups(groups, input, frame, zones, availableAtMs);
  }
  // Counts are looked up already rounded.
  for (const { definition, column } of features) if (definition.kind !== "activity_count") roundColumn(column.values);
  return { values: features.map(({ column }) => column.values), coverage: features.map(({ column }) => column.coverage), availableAtMs };
}

function createZones(): Zones {
  const zones = new Map<string, Zone>();
  return (timeZone) => {
    const zone = zones.get(timeZone) ?? createZone(timeZone);
    zones.set(timeZone, zone);
    return zone;
  };
}

function writeClocks(features: readonly FeatureMember[], frame: Frame, zones: Zones): void {
  for (const { definition, column } of features) {
    if (definition.kind === "clock_wave") writeClockWave(definition, frame, zones(definition.timeZone), column);
    if (definition.kind === "clock_days") writeDays(definition, frame, zones(definition.timeZone), column);
  }
}
