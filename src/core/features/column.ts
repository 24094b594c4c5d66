/** One definition's values and coverages, a cell per window. */
export interface Column {
  /** NaN where not covered; rounded once all are written. */
  readonly values: Float64Array;
  /** Whole percents, rounded down: 100 = all of it. */
  readonly coverage: Uint8Array;
  /** Share of the span that must be known for a value. */
  readonly minimumCoverage: number;
}

/** Stores a value with the share of its span that was known: below the limit it is not a value. */
export function writeCell(column: Column, w: number, value: number, known: number): void {
  if (known !== 1) column.coverage[w] = Math.floor(known * 100 + 1e-9); // so that 0.29 is 29
  column.values[w] = known < column.minimumCoverage ? Number.NaN : value;
}
