import { type Column, writeCell } from "./column.ts";
import type { Of } from "./definition.ts";
import type { Frame } from "./frame.ts";
import type { Member } from "./group-sums.ts";
import { addIntegrals, type Pieces, piecesOf } from "./level-pieces.ts";
import { addHeld, addMoments, MOMENTS } from "./moments.ts";
import type { Pool } from "./pool.ts";
import { COARSE, type Timeline } from "./timeline.ts";

const HOUR_US = 3_600_000_000;

type Level = Of<"level">;
type Sum = "integral" | "minimum" | "maximum" | "moments";

const SUM_OF: Readonly<Record<Level["statistic"], Sum>> = {
  mean: "integral",
  minimum: "minimum",
  maximum: "maximum",
  slope: "moments",
  spread: "moments",
};

/**
 * Writes the columns of a numeric entity's levels: a cell is summed from its own time alone, and a window from its cells, oldest first. Means
 * take hourly statistics too (`knownUs` is all known time of each cell), everything else only measured states.
 */
export function writeLevels(
  levels: readonly { readonly definition: Level; readonly column: Column }[],
  { timeline, known, rows }: Member,
  knownUs: Float64Array,
  frame: Frame,
  pool: Pool,
): void {
  const sums = new Set<Sum>(levels.map(({ definition }) => SUM_OF[definition.statistic]));
  const write = (sum: Sum, ofKnown: Float64Array, cells: Float64Array): void => {
    for (const { definition, column } of levels) {
      if (SUM_OF[definition.statistic] === sum) writeLevel(definition, column, ofKnown, cells, frame);
    }
    pool.giveBack(cells);
  };
  if (sums.delete("integral")) {
    const integrals = pool.take(frame.cells);
    addIntegrals(timeline, known, rows, frame, integrals);
    write("integral", knownUs, integrals);
  }
  if (sums.size === 0) return;
  const pieces = piecesOf(timeline, known, rows, frame);
  const measuredUs = pool.take(frame.cells);
  addMeasured(pieces, timeline, measuredUs);
  for (const sum of sums) {
    if (sum === "integral") continue;
    const cells = pool.take(frame.cells * (sum === "moments" ? MOMENTS : 1));
    FILL[sum](pieces, timeline, frame, cells);
    write(sum, measuredUs, cells);
  }
  pool.giveBack(measuredUs);
}

function addMeasured({ cell, row, lastedUs, length }: Pieces, { flags }: Timeline, into: Float64Array): void {
  for (let i = 0; i < length; i++) if ((flags[row[i]!]! & COARSE) === 0) into[cell[i]!]! += lastedUs[i]!;
}

const FILL: Readonly<Record<Exclude<Sum, "integral">, (pieces: Pieces, timeline: Timeline, frame: Frame, into: Float64Array) => void>> = {
  minimum({ cell, row, length }, { value, flags }, _, into) {
    into.fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < length; i++) {
      if ((flags[row[i]!]! & COARSE) === 0 && value[row[i]!]! < into[cell[i]!]!) into[cell[i]!] = value[row[i]!]!;
    }
  },
  maximum({ cell, row, length }, { value, flags }, _, into) {
    into.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < length; i++) {
      if ((flags[row[i]!]! & COARSE) === 0 && value[row[i]!]! > into[cell[i]!]!) into[cell[i]!] = value[row[i]!]!;
    }
  },
  moments({ cell, row, startUs, lastedUs, length }, { value, flags }, { gridUs, baseUs }, into) {
    for (let i = 0; i < length; i++) {
      if ((flags[row[i]!]! & COARSE) !== 0) continue;
      const c = cell[i]!;
      addHeld(into, c * MOMENTS, (startUs[i]! - (baseUs + c * gridUs)) / HOUR_US, lastedUs[i]! / HOUR_US, value[row[i]!]!);
    }
  },
};

function writeLevel(definition: Level, column: Column, known: Float64Array, cells: Float64Array, frame: Frame): void {
  const horizonUs = definition.horizonMs * 1000;
  const steps = horizonUs / frame.gridUs;
  const over = OVER[definition.statistic];
  let knownUs = 0;
  for (let c = frame.back - steps + 1; c < frame.cells; c++) {
    knownUs += known[c]!;
    if (c < frame.back) continue;
    const first = c - steps + 1;
    writeCell(
      column,
      c - frame.back,
      knownUs === 0 ? Number.NaN : scaled(definition, over(cells, first, steps, knownUs, frame.gridUs)),
      knownUs / horizonUs,
    );
    knownUs -= known[first]!;
  }
}

/** The statistic over `steps` cells from `first` on, oldest first. */
const OVER: Readonly<
  Record<Level["statistic"], (cells: Float64Array, first: number, steps: number, knownUs: number, gridUs: number) => number>
> = {
  mean(cells, first, steps, knownUs) {
    let sum = 0;
    for (let c = first; c < first + steps; c++) sum += cells[c]!;
    return sum / knownUs;
  },
  minimum(cells, first, steps) {
    let least = cells[first]!;
    for (let c = first + 1; c < first + steps; c++) least = Math.min(least, cells[c]!);
    return least;
  },
  maximum(cells, first, steps) {
    let most = cells[first]!;
    for (let c = first + 1; c < first + steps; c++) most = Math.max(most, cells[c]!);
    return most;
  },
  slope(cells, first, steps, _, gridUs) {
    const merged = mergedMoments(cells, first, steps, gridUs);
    return merged[4]! / merged[3]!;
  },
  spread(cells, first, steps, _, gridUs) {
    const merged = mergedMoments(cells, first, steps, gridUs);
    return Math.sqrt(merged[5]! / merged[0]!);
  },
};

function mergedMoments(cells: Float64Array, first: number, steps: number, gridUs: number): Float64Array {
  const merged = new Float64Array(MOMENTS);
  for (let step = 0; step < steps; step++) addMoments(merged, 0, cells, (first + step) * MOMENTS, (step * gridUs) / HOUR_US);
  return merged;
}

function scaled({ low, high, scale }: Level, level: number): number {
  const bounded = Math.max(low, Math.min(high, level));
  return scale === "log" ? Math.sign(bounded) * Math.log1p(Math.abs(bounded)) : bounded;
}
