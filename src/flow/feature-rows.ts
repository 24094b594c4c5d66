import type { Windows } from "../core/features/compute.ts";
import type { FeatureDefinition } from "../core/features/definition.ts";
import { decodeCoverage, decodeValues, encodeCoverage, encodeValues } from "../core/features/encode.ts";
import type { FeatureRow, FeatureSet } from "../store/tables/features.ts";

/** Computes some features of windows fromNo..toNo. */
export type Compute = (definitions: readonly FeatureDefinition[], fromNo: number, toNo: number) => Windows;

/** Runs closer together than this are computed at once: the look-back costs more than a few windows. */
const CLOSE = 48;

/** Rows of the given windows, every feature computed. Made one by one: a chunk's rows together would take more memory than its events. */
export function* wholeRows(
  set: FeatureSet,
  definitions: readonly FeatureDefinition[],
  windowNos: readonly number[],
  compute: Compute,
): Iterable<FeatureRow> {
  const sensed = sensedPlaces(definitions);
  const cells = new Float64Array(definitions.length);
  const shares = new Uint8Array(definitions.length);
  for (const run of runsOf(windowNos)) {
    const { values, coverage, availableAtMs } = compute(definitions, run[0]!, run.at(-1)!);
    for (const windowNo of run) {
      const w = windowNo - run[0]!;
      for (let i = 0; i < cells.length; i++) {
        cells[i] = values[i]![w]!;
        shares[i] = coverage[i]![w]!;
      }
      yield rowOf(windowNo, set, cells, shares, sensed, Math.ceil(availableAtMs[w]!));
    }
  }
}

/**
 * Stored rows of another set as rows of this one: features that both have keep their very numbers, only those that are new are computed.
 */
export function* carriedRows(
  set: FeatureSet,
  definitions: readonly FeatureDefinition[],
  from: FeatureSet,
  stored: readonly FeatureRow[],
  compute: Compute,
): Iterable<FeatureRow> {
  const placeBefore = new Map(from.members.map((member, place) => [member.featureId, place]));
  const before = set.members.map((member) => placeBefore.get(member.featureId) ?? -1);
  const added = definitions.filter((_, place) => before[place] === -1);
  const sensed = sensedPlaces(definitions);
  const rowBy = new Map(stored.map((row) => [row.windowNo, row]));
  const cells = new Float64Array(before.length);
  const shares = new Uint8Array(before.length);
  for (const run of runsOf([...rowBy.keys()])) {
    const windows = compute(added, run[0]!, run.at(-1)!);
    for (const windowNo of run) {
      const w = windowNo - run[0]!;
      const row = rowBy.get(windowNo)!;
      const values = decodeValues(row.valuesJson, from.members.length);
      const coverage = decodeCoverage(row.coverageJson, from.members.length);
      let next = 0;
      before.forEach((place, i) => {
        cells[i] = place < 0 ? windows.values[next]![w]! : values[place]!;
        shares[i] = place < 0 ? windows.coverage[next]![w]! : coverage[place]!;
        if (place < 0) next += 1;
      });
      const availableAtMs = added.length === 0 ? 0 : Math.ceil(windows.availableAtMs[w]!);
      yield rowOf(windowNo, set, cells, shares, sensed, Math.max(row.availableAtMs, availableAtMs));
    }
  }
}

function rowOf(
  windowNo: number,
  { setId }: FeatureSet,
  cells: Float64Array,
  shares: Uint8Array,
  sensed: readonly number[],
  availableAtMs: number,
): FeatureRow {
  return {
    windowNo,
    setId,
    valuesJson: encodeValues(cells),
    coverageJson: encodeCoverage(shares),
    coverage: shareKnown(cells, sensed),
    availableAtMs,
  };
}

function sensedPlaces(definitions: readonly FeatureDefinition[]): number[] {
  return definitions.flatMap((definition, place) => (definition.group === "clock" ? [] : [place]));
}

/** Share of the features that have a value, the clock's left out. */
function shareKnown(cells: ArrayLike<number>, sensed: readonly number[]): number {
  let known = 0;
  for (const place of sensed) if (!Number.isNaN(cells[place]!)) known += 1;
  return sensed.length === 0 ? 1 : known / sensed.length;
}

/** Sorted numbers cut where they leave a wide gap. */
function runsOf(windowNos: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const windowNo of windowNos) {
    const last = runs.at(-1);
    if (last !== undefined && windowNo - last.at(-1)! <= CLOSE) last.push(windowNo);
    else runs.push([windowNo]);
  }
  return runs;
}
