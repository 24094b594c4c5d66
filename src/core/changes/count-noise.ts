/**
 * How much more than a Poisson's (or a binomial's) the counts of a stream vary: sums over steps of squared forecast errors, of their products with the
 * error before, and of the variances expected. Old steps fade: the noise of a home is not learned in two weeks, and it changes with it.
 */
export interface CountNoise {
  /** Steps, sum of squared errors, sum of products, sum of expected variances, newest error. */
  readonly sums: Float64Array;
}

const MEMORY_STEPS = 224;
/** Worth of a Poisson's own noise, in counts: of a stream that hardly ever counts the first errors say nothing about its noise, they are its news. */
const PLAIN = 5;

export function createNoise(): CountNoise {
  return { sums: new Float64Array(5) };
}

export function copyNoise(noise: CountNoise): CountNoise {
  return { sums: noise.sums.slice() };
}

/** Takes in the count of a step beside the mean that was expected of it; `variance`: what it would be without overdispersion. */
export function noteNoise({ sums }: CountNoise, count: number, expected: number, variance: number): void {
  const [steps = 0, squares = 0, products = 0, variances = 0, before = 0] = sums;
  const error = count - expected;
  const kept = Math.min(1, MEMORY_STEPS / (steps + 1));
  sums[0] = Math.min(MEMORY_STEPS, steps + 1);
  sums[1] = kept * squares + error * error;
  sums[2] = kept * products + error * before;
  sums[3] = kept * variances + variance;
  sums[4] = error;
}

/**
 * Variance of a long sum over that of a Poisson (binomial): (squared error / expected variance) * (1 + rho) / (1 - rho) with lag-1 correlation rho, at least 1
 * (quasi-likelihood: McCullagh & Nelder 1989, section 9). One standard error more than measured: too small a value cries wolf
 * for ever, too large a one is only slower.
 */
export function dispersionOf({ sums }: CountNoise): number {
  const [steps = 0, squares = 0, products = 0, variances = 0] = sums;
  if (steps === 0) return 1;
  const known = squares + PLAIN;
  const rho = Math.min(0.9, Math.max(0, products / known));
  const inflation = (1 + rho) / (1 - rho);
  return Math.max(1, (known / (variances + PLAIN)) * inflation * (1 + Math.sqrt((2 * inflation) / steps)));
}
