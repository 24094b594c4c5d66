import { type Column, writeCell } from "./column.ts";
import type { Of } from "./definition.ts";
import { type Frame, rollingSums } from "./frame.ts";
import { rowInForce } from "./knowledge.ts";
import { addHeld, addMoments, MOMENTS } from "./moments.ts";
import type { Pool } from "./pool.ts";
import type { Spans } from "./spans.ts";
import { COARSE, type Timeline } from "./timeline.ts";

const HOUR_US = 3_600_000_000;

type Level = Of<"level">;

/** Writes the columns of a numeric entity's levels. Means take hourly statistics too, everything else only measured states. */
export function writeLevels(
  levels: readonly { readonly definition: Level; readonly column: Column }[],
  timeline: Timeline,
  known: Spans,
  frame: Frame,
  pool: Pool,
): void {
  const cells = createCells(new Set(levels.map(({ definition }) => definition.statistic)), frame, pool);
  fillCells(cells, timeline, known, frame);
  const knownSums = pool.take(frame.windows);
  for (const { definition, column } of levels) {
    const horizon = (definition.horizonMs * 1000) / frame.gridUs;
    rollingSums(definition.statistic === "mean" ? cells.known : cells.measured, frame, horizon, knownSums);
    const of = cells[cellsOf(definition.statistic)];
    for (let w = 0; w < frame.windows; w++) {
      const level =
        knownSums[w] === 0
          ? Number.NaN
          : statisticOf(definition.statistic, of, frame.back + w - horizon + 1, horizon, knownSums[w]!, frame.gridUs);
      writeCell(column, w, scaled(definition, level), knownSums[w]! / (definition.horizonMs * 1000));
    }
  }
  for (const part of [...Object.values(cells), knownSums]) pool.giveBack(part);
}

/** What is gathered of each cell; parts that nobody asked for have no length. */
interface Cells {
  /** Known time, and the part of it that is not from hourly statistics, microseconds. */
  readonly known: Float64Array;
  readonly measured: Float64Array;
  /** Of the level over the known time. */
  readonly integral: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
  /** `MOMENTS` numbers a cell, times from the cell's start. */
  readonly moments: Float64Array;
}

function createCells(needs: ReadonlySet<Level["statistic"]>, frame: Frame, pool: Pool): Cells {
  const cells = (wanted: boolean, each = 1): Float64Array => pool.take(wanted ? frame.cells * each : 0);
  return {
    known: cells(true),
    measured: cells(needs.size > (needs.has("mean") ? 1 : 0)),
    integral: cells(needs.has("mean")),
    minimum: cells(needs.has("minimum")).fill(Number.POSITIVE_INFINITY),
    maximum: cells(needs.has("maximum")).fill(Number.NEGATIVE_INFINITY),
    moments: cells(needs.has("slope") || needs.has("spread"), MOMENTS),
  };
}

function fillCells(cells: Cells, timeline: Timeline, known: Spans, frame: Frame): void {
  const { atUs, value, length } = timeline;
  const { gridUs, baseUs } = frame;
  for (let i = 0; i < known.length; i++) {
    const until = known.endUs[i]!;
    let startUs = known.startUs[i]!;
    let row = rowInForce(timeline, startUs);
    let next = row + 1;
    for (let c = Math.floor((startUs - baseUs) / gridUs); startUs < until; c++) {
      const cellStart = baseUs + c * gridUs;
      const end = Math.min(until, cellStart + gridUs);
      for (; next < length && atUs[next]! < end; next++) {
        if (Number.isNaN(value[next]!)) continue;
        addPiece(cells, c, timeline, row, startUs, atUs[next]!, cellStart);
        startUs = atUs[next]!;
        row = next;
      }
      addPiece(cells, c, timeline, row, startUs, end, cellStart);
      startUs = end;
    }
  }
}

/** The level of a row held over [startUs, endUs) of cell c; nothing when that is empty. */
function addPiece(cells: Cells, c: number, timeline: Timeline, row: number, startUs: number, endUs: number, cellStartUs: number): void {
  const level = timeline.value[row]!;
  const lasted = endUs - startUs;
  if (lasted === 0) return;
  cells.known[c]! += lasted;
  if (cells.integral.length > 0) cells.integral[c]! += level * lasted;
  if (cells.measured.length === 0 || (timeline.flags[row]! & COARSE) !== 0) return;
  cells.measured[c]! += lasted;
  if (cells.minimum.length > 0 && level < cells.minimum[c]!) cells.minimum[c] = level;
  if (cells.maximum.length > 0 && level > cells.maximum[c]!) cells.maximum[c] = level;
  if (cells.moments.length > 0) addHeld(cells.moments, c * MOMENTS, (startUs - cellStartUs) / HOUR_US, lasted / HOUR_US, level);
}

function cellsOf(statistic: Level["statistic"]): "integral" | "minimum" | "maximum" | "moments" {
  if (statistic === "mean") return "integral";
  return statistic === "minimum" || statistic === "maximum" ? statistic : "moments";
}

/** Over `count` cells from `first` on, oldest first. */
function statisticOf(
  statistic: Level["statistic"],
  cells: Float64Array,
  first: number,
  count: number,
  knownUs: number,
  gridUs: number,
): number {
  if (statistic === "mean") {
    let sum = 0;
    for (let c = first; c < first + count; c++) sum += cells[c]!;
    return sum / knownUs;
  }
  if (statistic === "minimum" || statistic === "maximum") {
    let extreme = cells[first]!;
    for (let c = first + 1; c < first + count; c++) {
      if (statistic === "minimum" ? cells[c]! < extreme : cells[c]! > extreme) extreme = cells[c]!;
    }
    return extreme;
  }
  const merged = new Float64Array(MOMENTS);
  for (let c = 0; c < count; c++) addMoments(merged, 0, cells, (first + c) * MOMENTS, (c * gridUs) / HOUR_US);
  return statistic === "slope" ? merged[4]! / merged[3]! : Math.sqrt(merged[5]! / merged[0]!);
}

function scaled(definition: Level, level: number): number {
  const bounded = Math.max(definition.low, Math.min(definition.high, level));
  return definition.scale === "log" ? Math.sign(bounded) * Math.log1p(Math.abs(bounded)) : bounded;
}
