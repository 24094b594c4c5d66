import { columnOf, createDesign, type Design } from "./design.ts";

/** Why a column takes no part in a fit. */
export type DropReason = "no values" | "not finite" | "constant" | "rare" | "level far above spread";

export interface Preparation {
  /** Column numbers that stay, in the order given. */
  readonly kept: Int32Array;
  /** Of each kept column: mean over the training rows that have a value; what a missing cell becomes. */
  readonly mean: Float64Array;
  /** Of each kept column: population standard deviation after imputation. */
  readonly scale: Float64Array;
  /** Of each kept column: share of training rows without a value. */
  readonly missingShare: Float64Array;
  readonly dropped: readonly { readonly column: number; readonly reason: DropReason }[];
}

/** A column must have a value in this share of the rows, and leave its usual value in this share of those. */
const MIN_PRESENT = 0.1;
const MIN_VARIED = 0.005;
/** A column that leaves its usual value on a single day tells that day from the others, and nothing about the next. */
const MIN_VARIED_DAYS = 2;
/**
 * Beyond this ratio of level to spread, folding into raw units would cancel digits that the coefficients need: with 1e6 twenty such columns
 * lost more than the 1e-9 that raw rows are checked to.
 */
export const MAX_LEVEL = 1e4;

/**
 * Learns imputation and scaling from the given training rows alone, and which columns cannot be learnt from.
 * `days` is the day of every row of the design.
 */
export function prepare(
  design: Design,
  rows: Int32Array,
  columns: ArrayLike<number>,
  days: ArrayLike<number>,
  maxLevel = MAX_LEVEL,
): Preparation {
  const dayCount = new Set(Array.from(rows, (row) => days[row]!)).size;
  const kept: number[] = [];
  const means: number[] = [];
  const scales: number[] = [];
  const missing: number[] = [];
  const dropped: { column: number; reason: DropReason }[] = [];
  for (let k = 0; k < columns.length; k++) {
    const column = columns[k]!;
    const summary = summarise(columnOf(design, column), rows, days);
    const reason = reasonAgainst(summary, rows.length, Math.min(MIN_VARIED_DAYS, dayCount), maxLevel);
    if (reason !== undefined) {
      dropped.push({ column, reason });
      continue;
    }
    kept.push(column);
    means.push(summary.mean);
    scales.push(summary.scale);
    missing.push(1 - summary.present / rows.length);
  }
  return {
    kept: Int32Array.from(kept),
    mean: Float64Array.from(means),
    scale: Float64Array.from(scales),
    missingShare: Float64Array.from(missing),
    dropped,
  };
}

/** The kept columns of the given rows, imputed and standardised. What is no finite number counts as missing, as it does when scoring. */
export function applyPreparation(design: Design, rows: Int32Array, preparation: Preparation): Design {
  const { kept, mean, scale } = preparation;
  const standard = createDesign(rows.length, kept.length);
  for (let k = 0; k < kept.length; k++) {
    const source = kept[k]! * design.rows;
    const target = k * rows.length;
    const centre = mean[k]!;
    const inverse = 1 / scale[k]!;
    for (let i = 0; i < rows.length; i++) {
      const cell = design.columns[source + rows[i]!]!;
      standard.columns[target + i] = Number.isFinite(cell) ? (cell - centre) * inverse : 0;
    }
  }
  return standard;
}

interface Summary {
  readonly present: number;
  readonly mean: number;
  readonly scale: number;
  readonly varied: number;
  readonly variedDays: number;
}

function summarise(cells: Float64Array, rows: Int32Array, days: ArrayLike<number>): Summary {
  let present = 0;
  let sum = 0;
  // Boyer and Moore's majority vote: where one value fills nearly all rows, this is it.
  let usual = Number.NaN;
  let lead = 0;
  for (let i = 0; i < rows.length; i++) {
    const cell = cells[rows[i]!]!;
    if (Number.isNaN(cell)) continue;
    present++;
    sum += cell;
    if (lead === 0) usual = cell;
    lead += cell === usual ? 1 : -1;
  }
  const mean = sum / present;
  let squares = 0;
  let varied = 0;
  const variedDays = new Set<number>();
  let lastDay = Number.NaN;
  for (let i = 0; i < rows.length; i++) {
    const cell = cells[rows[i]!]!;
    if (Number.isNaN(cell)) continue;
    squares += (cell - mean) ** 2;
    if (cell === usual) continue;
    varied++;
    const day = days[rows[i]!]!;
    if (day !== lastDay) variedDays.add(day);
    lastDay = day;
  }
  // Imputed cells sit at the mean: they add rows, but no spread.
  return { present, mean, scale: Math.sqrt(squares / rows.length), varied, variedDays: variedDays.size };
}

function reasonAgainst(
  { present, mean, scale, varied, variedDays }: Summary,
  rows: number,
  minDays: number,
  maxLevel: number,
): DropReason | undefined {
  if (present === 0 || present < MIN_PRESENT * rows) return "no values";
  if (!Number.isFinite(mean) || !Number.isFinite(scale)) return "not finite";
  if (varied === 0 || scale === 0) return "constant";
  if (varied < MIN_VARIED * present || variedDays < minDays) return "rare";
  if (Math.abs(mean) > maxLevel * scale) return "level far above spread";
  return undefined;
}
