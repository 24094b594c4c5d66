import { type Column, writeCell } from "./column.ts";
import type { Of } from "./definition.ts";
import type { Frame } from "./frame.ts";
import type { Member } from "./group-sums.ts";
import { addIncreases } from "./increase.ts";
import { addIntegrals, type Pieces, piecesOf } from "./level-pieces.ts";
import { addHeld, addMoments, MOMENTS } from "./moments.ts";
import type { Pool } from "./pool.ts";
import type { Timeline } from "./timeline.ts";

const HOUR_US = 3_600_000_000;

type Level = Of<"level">;
type Sum = "integral" | "minimum" | "maximum" | "moments" | "rises";

const SUM_OF: Readonly<Record<Level["statistic"], Sum>> = {
  mean: "integral",
  minimum: "minimum",
  maximum: "maximum",
  slope: "moments",
  spread: "moments",
  increase: "rises",
};

/**
 * Writes the columns of a numeric entity's levels: a cell is summed from its own time alone, and a window from its cells, oldest first.
 * `knownUs` is the known time of each cell; means come in groups of their own, because for them alone the means of hours are known time.
 */
export function writeLevels(
  levels: readonly { readonly definition: Level; readonly column: Column }[],
  { timeline, known, rows }: Member,
  knownUs: Float64Array,
  frame: Frame,
  pool: Pool,
): void {
  const sums = new Set<Sum>(levels.map(({ definition }) => SUM_OF[definition.statistic]));
  const needsPieces = [...sums].some((sum) => sum !== "integral" && sum !== "rises");
  const pieces = needsPieces ? piecesOf(timeline, known, rows, frame) : null;
  for (const sum of sums) {
    const cells = pool.take(frame.cells * (sum === "moments" ? MOMENTS : 1));
    if (sum === "integral") addIntegrals(timeline, known, rows, frame, cells);
    else if (sum === "rises") addIncreases(timeline, rows, cells);
    else FILL[sum](pieces!, timeline, frame, cells);
    for (const { definition, column } of levels) {
      if (SUM_OF[definition.statistic] === sum) writeLevel(definition, column, knownUs, cells, frame);
    }
    pool.giveBack(cells);
  }
}

const FILL: Readonly<
  Record<Exclude<Sum, "integral" | "rises">, (pieces: Pieces, timeline: Timeline, frame: Frame, into: Float64Array) => void>
> = {
  minimum({ cell, row, length }, { value }, _, into) {
    into.fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < length; i++) if (value[row[i]!]! < into[cell[i]!]!) into[cell[i]!] = value[row[i]!]!;
  },
  maximum({ cell, row, length }, { value }, _, into) {
    into.fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < length; i++) if (value[row[i]!]! > into[cell[i]!]!) into[cell[i]!] = value[row[i]!]!;
  },
  moments({ cell, row, startUs, lastedUs, length }, { value }, { gridUs, baseUs }, into) {
    for (let i = 0; i < length; i++) {
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
  mean: (cells, first, steps, knownUs) => sumOf(cells, first, steps) / knownUs,
  increase: sumOf,
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

function sumOf(cells: Float64Array, first: number, steps: number): number {
  let sum = 0;
  for (let c = first; c < first + steps; c++) sum += cells[c]!;
  return sum;
}

function mergedMoments(cells: Float64Array, first: number, steps: number, gridUs: number): Float64Array {
  const merged = new Float64Array(MOMENTS);
  for (let step = 0; step < steps; step++) addMoments(merged, 0, cells, (first + step) * MOMENTS, (step * gridUs) / HOUR_US);
  return merged;
}

function scaled({ low, high, scale }: Level, level: number): number {
  const bounded = Math.max(low, Math.min(high, level));
  return scale === "log" ? Math.sign(bounded) * Math.log1p(Math.abs(bounded)) : bounded;
}
