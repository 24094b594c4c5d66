/** Hands out zeroed columns and takes them back, so that a year of many entities does not allocate a column for each. */
export interface Pool {
  take(length: number): Float64Array;
  giveBack(column: Float64Array): void;
}

export function createPool(): Pool {
  const free = new Map<number, Float64Array[]>();
  return {
    take: (length) => free.get(length)?.pop()?.fill(0) ?? new Float64Array(length),
    giveBack(column) {
      const same = free.get(column.length);
      if (same === undefined) free.set(column.length, [column]);
      else same.push(column);
    },
  };
}
