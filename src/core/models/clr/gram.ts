import type { Design } from "./design.ts";

/** Rows taken at a time: a scaled block of 300 columns stays within the second-level cache. */
const BLOCK = 128;

/**
 * Weighted Gram matrix of [1, columns]: the lower triangle of A' diag(weights) A, row-major, size cols + 1, intercept first.
 * Symmetric, so only pairs with k <= j are summed, in tiles of 2 x 2 that keep their four sums in registers.
 */
export function weightedGram(design: Design, weights: Float64Array): Float64Array {
  const { columns, rows, cols } = design;
  const size = cols + 1;
  const gram = new Float64Array(size * size);
  const scaled = new Float64Array(BLOCK * cols);
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from);
    let total = 0;
    for (let i = 0; i < count; i++) total += weights[from + i]!;
    gram[0] = gram[0]! + total;
    for (let j = 0; j < cols; j++) {
      const source = j * rows + from;
      const target = j * BLOCK;
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const cell = weights[from + i]! * columns[source + i]!;
        scaled[target + i] = cell;
        sum += cell;
      }
      gram[(j + 1) * size] = gram[(j + 1) * size]! + sum;
    }
    addPairs(columns, rows, cols, from, count, scaled, gram);
  }
  return gram;
}

function addPairs(
  columns: Float64Array,
  rows: number,
  cols: number,
  from: number,
  count: number,
  scaled: Float64Array,
  gram: Float64Array,
): void {
  const size = cols + 1;
  let j = 0;
  for (; j + 1 < cols; j += 2) {
    const a = j * BLOCK;
    const b = a + BLOCK;
    for (let k = 0; k <= j; k += 2) {
      const c = k * rows + from;
      const d = c + rows;
      let ac = 0;
      let ad = 0;
      let bc = 0;
      let bd = 0;
      for (let i = 0; i < count; i++) {
        const first = scaled[a + i]!;
        const second = scaled[b + i]!;
        const left = columns[c + i]!;
        const right = columns[d + i]!;
        ac += first * left;
        ad += first * right;
        bc += second * left;
        bd += second * right;
      }
      const cell = (j + 1) * size + k + 1;
      gram[cell] = gram[cell]! + ac;
      gram[cell + 1] = gram[cell + 1]! + ad;
      gram[cell + size] = gram[cell + size]! + bc;
      gram[cell + size + 1] = gram[cell + size + 1]! + bd;
    }
  }
  if (j < cols) {
    const a = j * BLOCK;
    for (let k = 0; k <= j; k++) {
      const c = k * rows + from;
      let sum = 0;
      for (let i = 0; i < count; i++) sum += scaled[a + i]! * columns[c + i]!;
      const cell = (j + 1) * size + k + 1;
      gram[cell] = gram[cell]! + sum;
    }
  }
}
