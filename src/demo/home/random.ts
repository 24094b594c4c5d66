/** A seeded stream of random numbers. Streams made from different keys are independent, so a day can be generated on its own. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  between(low: number, high: number): number;
  normal(mean: number, standardDeviation: number): number;
  exponential(mean: number): number;
  /** Spread around a median: `spread` is the standard deviation of the logarithm. */
  lognormal(median: number, spread: number): number;
  chance(probability: number): boolean;
  /** Index of one of the weights, drawn in proportion to them. */
  pick(weights: readonly number[]): number;
}

/** sfc32 (Doty-Humphrey, PractRand), seeded by mixing the keys with the finaliser of MurmurHash3. */
export function createRandom(...keys: readonly number[]): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let counter = 1;
  for (const key of keys) {
    a = mix(a ^ Math.trunc(key));
    b = mix(b + a);
    c = mix(c ^ b);
  }
  const uniform = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i += 1) uniform();

  const standardNormal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: (mean, standardDeviation) => mean + standardDeviation * standardNormal(),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    lognormal: (median, spread) => median * Math.exp(spread * standardNormal()),
    chance: (probability) => uniform() < probability,
    pick(weights) {
      let left = uniform() * weights.reduce((sum, weight) => sum + weight, 0);
      for (let i = 0; i < weights.length; i += 1) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
  };
}

/** One step of a stationary AR(1) process with that standard deviation. */
export function nextAr1(previous: number, phi: number, standardDeviation: number, random: Random): number {
  return phi * previous + random.normal(0, standardDeviation * Math.sqrt(1 - phi * phi));
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
