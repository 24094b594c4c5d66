const HALF_LOG_TWO_PI = 0.9189385332046727;
const STIRLING_FROM = 16;

/** Stirling's remainder: log Gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), for x >= 16. NIST DLMF 5.11.1; next term below 1e-18. */
function stirlingRemainder(x: number): number {
  const inverse = 1 / x;
  const z = inverse * inverse;
  return inverse * (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360360 - z / 156))))));
}

/** Natural logarithm of Gamma(x) for x > 0, absolute error about 1e-15 * max(1, |result|). NIST DLMF 5.11.1 after 5.5.1. */
export function logGamma(x: number): number {
  let product = 1;
  let shifted = x;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted += 1;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingRemainder(shifted) - Math.log(product);
}

/**
 * log Gamma(x + step) - log Gamma(x) for x > 0, step >= 0, without the cancellation of two large logarithms:
 * relative error about 1e-15 even where log Gamma(x) itself is 1e7.
 */
export function logGammaRatio(x: number, step: number): number {
  if (step === 0) return 0;
  if (Number.isInteger(step) && step <= 12) {
    let product = 1;
    for (let k = 0; k < step; k++) product *= x + k;
    if (product < 1e300) return Math.log(product);
  }
  if (x < STIRLING_FROM) return logGamma(x + step) - logGamma(x);
  const moved = x + step;
  return (x - 0.5) * Math.log1p(step / x) + step * (Math.log(moved) - 1) + stirlingRemainder(moved) - stirlingRemainder(x);
}
