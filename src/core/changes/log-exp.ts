/*
 * Logarithm and exponential by tables, because the filter spends nearly all its time in them: about a quarter of the cost of
 * Math.log1p and Math.exp at the same accuracy (a few 1e-16), and the same bits on every machine and engine.
 * Method: table of exact values on a grid, Taylor polynomial of the small rest (Tang, ACM TOMS 1989-90).
 */
const LOG_CELLS = 512;
const logCentre = new Float64Array(LOG_CELLS);
const logInverse = new Float64Array(LOG_CELLS);
const logValue = new Float64Array(LOG_CELLS);
for (let cell = 0; cell < LOG_CELLS; cell++) {
  // The first cell is centred on 0, so that tiny arguments keep their relative accuracy.
  const centre = cell === 0 ? 0 : (cell + 0.5) / LOG_CELLS;
  logCentre[cell] = centre;
  logInverse[cell] = 1 / (1 + centre);
  logValue[cell] = Math.log1p(centre);
}

const EXP_CELLS = 64;
const exp64 = new Float64Array(EXP_CELLS);
const halvings = new Float64Array(EXP_CELLS);
for (let cell = 0; cell < EXP_CELLS; cell++) {
  exp64[cell] = 2 ** (-cell / EXP_CELLS);
  halvings[cell] = 2 ** -cell;
}
const CELLS_PER_UNIT = EXP_CELLS / Math.LN2;
const UNITS_PER_CELL = Math.LN2 / EXP_CELLS;

/** Arguments of expMinus beyond this count as nothing: exp(-40) is 4e-18, below the rounding of a sum that contains a 1. */
export const NOTHING_BEYOND = 40;

/** log(1 + u) for u >= 0. */
export function log1p(u: number): number {
  if (!(u < 1)) return Math.log1p(u);
  const cell = (u * LOG_CELLS) | 0;
  const r = (u - logCentre[cell]!) * logInverse[cell]!;
  const s = r * r;
  return logValue[cell]! + (r - 0.5 * s + s * r * (1 / 3 - 0.25 * r + 0.2 * s));
}

/** log(1 + u) for |u| <= 1/2048 by its series; error below 1e-17. */
export function log1pTiny(u: number): number {
  return u * (1 - u * (1 / 2 - u * (1 / 3 - u * (1 / 4))));
}

/** exp(-y) for y >= 0, and 0 beyond NOTHING_BEYOND. Relative error about 1e-16 * (1 + y), so absolute below 4e-16. */
export function expMinus(y: number): number {
  if (!(y < NOTHING_BEYOND)) return 0;
  const cell = (y * CELLS_PER_UNIT + 0.5) | 0;
  const f = cell * UNITS_PER_CELL - y;
  return exp64[cell & 63]! * halvings[cell >> 6]! * (1 + f + f * f * (1 / 2 + f * (1 / 6) + f * f * (1 / 24 + f * (1 / 120))));
}
