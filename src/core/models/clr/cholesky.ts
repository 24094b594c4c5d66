/**
 * Cholesky factor of a symmetric positive definite matrix, in place: on return the lower triangle of `matrix` (row-major, size x size)
 * holds L with L L' = A. False when a pivot is not positive; the matrix is then spoiled.
 */
export function factorise(matrix: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * size;
      let sum = matrix[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
      if (j < i) {
        matrix[rowI + j] = sum / matrix[rowJ + j]!;
      } else {
        if (!(sum > 0) || sum === Number.POSITIVE_INFINITY) return false;
        matrix[rowI + i] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/** Solves L L' x = b in place of `b`, with the factor that `factorise` left. */
export function solveFactored(factor: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= factor[row + k]! * b[k]!;
    b[i] = sum / factor[row + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = i * size;
    const solved = b[i]! / factor[row + i]!;
    b[i] = solved;
    for (let k = 0; k < i; k++) b[k] = b[k]! - factor[row + k]! * solved;
  }
}

/** Diagonal of the inverse of A, given its factor. */
export function inverseDiagonal(factor: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  const unit = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    unit.fill(0);
    unit[i] = 1;
    solveFactored(factor, size, unit);
    diagonal[i] = unit[i]!;
  }
  return diagonal;
}
