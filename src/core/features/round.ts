const POWERS = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);

/**
 * `Number(x.toPrecision(7))`, about thirty times as fast; -0 becomes 0. Stored values have 7 significant digits, and models train and
 * serve on exactly the stored numbers. Ten to the power is exact here, so one division rounds correctly; near a tie the text decides.
 */
export function round7(x: number): number {
  const size = Math.abs(x);
  if (!(size >= 1e-6 && size < 1e7)) return size === 0 ? 0 : Number(x.toPrecision(7));
  if (Math.trunc(x) === x) return x;
  let power = 6;
  if (size < 1) {
    for (let bar = 0.1; size < bar && power < 12; bar /= 10) power += 1;
    power += 1;
  } else {
    while (size >= POWERS[7 - power]!) power -= 1;
  }
  const scale = POWERS[power]!;
  const scaled = size * scale;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  if (Math.abs(rest - 0.5) < 1e-8) return Number(x.toPrecision(7));
  const rounded = (rest > 0.5 ? below + 1 : below) / scale;
  return x < 0 ? -rounded : rounded;
}
