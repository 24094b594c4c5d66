/** The middle value; the mean of the two middle ones for an even number; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Standard deviation as a normal distribution with the same median absolute deviation would have (Rousseeuw & Croux 1993). */
export function robustScale(values: readonly number[], centre: number): number {
  return 1.4826 * median(values.map((value) => Math.abs(value - centre)));
}

/** The mean without the lowest and the highest tenth, at least one of each from five values on; NaN for none. */
export function trimmedMean(values: readonly number[]): number {
  const cut = values.length < 5 ? 0 : Math.max(1, Math.floor(values.length / 10));
  const sorted = Float64Array.from(values).sort();
  return mean([...sorted.subarray(cut, sorted.length - cut)]);
}

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Lag-1 correlation of values about `centre`; pairs with a missing end (NaN) are left out. 0 for fewer than 10 pairs or no spread. */
export function lagOneCorrelation(values: readonly number[], centre: number): number {
  let cross = 0;
  let square = 0;
  let pairs = 0;
  for (let i = 1; i < values.length; i++) {
    const before = values[i - 1]! - centre;
    const after = values[i]! - centre;
    if (Number.isNaN(before) || Number.isNaN(after)) continue;
    cross += before * after;
    square += (before * before + after * after) / 2;
    pairs += 1;
  }
  return pairs < 10 || !(square > 0) ? 0 : cross / square;
}

/**
 * The coefficient of an AR(1) process from a short series, within 0..0.95: the lag-1 correlation corrected for its bias by
 * (1 + 3 r) / n (Marriott & Pope 1954).
 */
export function autoregression(values: readonly number[], centre: number): number {
  const r = lagOneCorrelation(values, centre);
  return r === 0 ? 0 : Math.min(0.95, Math.max(0, r + (1 + 3 * r) / values.length));
}
