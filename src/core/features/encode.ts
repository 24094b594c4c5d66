import { roundColumn } from "./round.ts";

/** A window's values as a JSON array in the set's order: numbers of 7 significant digits, null where not covered; -0 is 0. */
export function encodeValues(values: ArrayLike<number>): string {
  const rounded = Float64Array.from(values);
  roundColumn(rounded);
  return JSON.stringify(Array.from(rounded));
}

/** Percents in the same order as the values, or null when every one is 100. */
export function encodeCoverage(coverage: ArrayLike<number>): string | null {
  let first = 0;
  while (first < coverage.length && coverage[first] === 100) first += 1;
  return first === coverage.length ? null : `[${Array.prototype.join.call(coverage, ",")}]`;
}

/** The numbers of an encoded row, NaN for null. @throws RangeError when the text does not hold `length` numbers or nulls. */
export function decodeValues(text: string, length: number): Float64Array {
  return numbersOf(text, length, Number.NaN);
}

/** Percents of an encoded row; null = all 100. @throws RangeError when the text does not hold `length` numbers. */
export function decodeCoverage(text: string | null, length: number): Uint8Array {
  return text === null ? new Uint8Array(length).fill(100) : Uint8Array.from(numbersOf(text, length, 0));
}

function numbersOf(text: string, length: number, forNull: number): Float64Array {
  const cells: unknown = JSON.parse(text);
  if (!Array.isArray(cells) || cells.length !== length) throw new RangeError(`a row of features does not hold ${length} cells`);
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const cell: unknown = cells[i];
    if (typeof cell !== "number" && cell !== null) throw new RangeError(`cell ${i} of a row of features is no number`);
    numbers[i] = cell ?? forNull;
  }
  return numbers;
}
