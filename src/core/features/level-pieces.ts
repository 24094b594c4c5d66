import type { Frame } from "./frame.ts";
import { rowInForce } from "./knowledge.ts";
import type { RowCells } from "./row-cells.ts";
import type { Spans } from "./spans.ts";
import { firstAtOrAfter, type Timeline } from "./timeline.ts";

/** The known time of an entity cut at every row and every cell's edge, in time order. Only the first `length` count. */
export interface Pieces {
  cell: Int32Array;
  row: Int32Array;
  startUs: Float64Array;
  /** How long the row's state held in the cell. */
  lastedUs: Float64Array;
  length: number;
}

/**
 * Adds the integral of the level over the known time of each cell, level · microseconds. Says the same as a sum over pieces, without making
 * them: means are what most numeric entities are asked for.
 */
export function addIntegrals(timeline: Timeline, known: Spans, rows: RowCells, { gridUs, baseUs }: Frame, into: Float64Array): void {
  const { atUs, value } = timeline;
  for (let i = 0; i < known.endUs.length; i++) {
    const untilUs = known.endUs[i]!;
    let startUs = known.startUs[i]!;
    const row = rowInForce(timeline, startUs);
    let level = value[row]!;
    let next = Math.max(row + 1, rows.first);
    for (let c = Math.floor((startUs - baseUs) / gridUs); startUs < untilUs; c++) {
      const cellEndUs = baseUs + (c + 1) * gridUs;
      const endUs = Math.min(untilUs, cellEndUs);
      const stop = endUs === cellEndUs ? rows.rowAt[c + 1]! : firstAtOrAfter(atUs, rows.end, endUs);
      let sum = 0;
      for (; next < stop; next++) {
        if (Number.isNaN(value[next]!)) continue;
        sum += level * (atUs[next]! - startUs);
        startUs = atUs[next]!;
        level = value[next]!;
      }
      into[c]! += sum + level * (endUs - startUs);
      startUs = endUs;
    }
  }
}

export function piecesOf(timeline: Timeline, known: Spans, rows: RowCells, frame: Frame): Pieces {
  const { atUs, value } = timeline;
  const { gridUs, baseUs, cells } = frame;
  const pieces = createPieces(rows.end - rows.first + cells + 2 * known.endUs.length);
  for (let i = 0; i < known.endUs.length; i++) {
    const untilUs = known.endUs[i]!;
    let startUs = known.startUs[i]!;
    let row = rowInForce(timeline, startUs);
    let next = Math.max(row + 1, rows.first);
    for (let c = Math.floor((startUs - baseUs) / gridUs); startUs < untilUs; c++) {
      const endUs = Math.min(untilUs, baseUs + (c + 1) * gridUs);
      for (; next < rows.end && atUs[next]! < endUs; next++) {
        if (Number.isNaN(value[next]!)) continue;
        addPiece(pieces, c, row, startUs, atUs[next]!);
        startUs = atUs[next]!;
        row = next;
      }
      addPiece(pieces, c, row, startUs, endUs);
      startUs = endUs;
    }
  }
  return pieces;
}

function createPieces(capacity: number): Pieces {
  return {
    cell: new Int32Array(capacity),
    row: new Int32Array(capacity),
    startUs: new Float64Array(capacity),
    lastedUs: new Float64Array(capacity),
    length: 0,
  };
}

function addPiece(pieces: Pieces, cell: number, row: number, startUs: number, endUs: number): void {
  const { length } = pieces;
  if (endUs === startUs) return;
  pieces.cell[length] = cell;
  pieces.row[length] = row;
  pieces.startUs[length] = startUs;
  pieces.lastedUs[length] = endUs - startUs;
  pieces.length = length + 1;
}
