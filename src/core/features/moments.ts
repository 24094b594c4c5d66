/**
 * Centred moments of a level over time, weighted by time: [weight, mean time, mean level, time·time, time·level, level·level].
 * Chan, Golub, LeVeque 1983, "Algorithms for computing the sample variance", eq. 2.1, with weights; times in hours.
 */
export const MOMENTS = 6;

/** A level held for `hours` from `fromHour` on joins the moments at `at`. */
export function addHeld(moments: Float64Array, at: number, fromHour: number, hours: number, level: number): void {
  join(moments, at, hours, fromHour + hours / 2, level, hours ** 3 / 12, 0, 0);
}

/** The moments at `at` of another array join, their times moved by `byHours`. */
export function addMoments(moments: Float64Array, into: number, from: Float64Array, at: number, byHours: number): void {
  if (from[at] === 0) return;
  join(moments, into, from[at]!, from[at + 1]! + byHours, from[at + 2]!, from[at + 3]!, from[at + 4]!, from[at + 5]!);
}

function join(m: Float64Array, at: number, weight: number, time: number, level: number, tt: number, tl: number, ll: number): void {
  const before = m[at]!;
  const after = before + weight;
  const share = weight / after;
  const dt = time - m[at + 1]!;
  const dl = level - m[at + 2]!;
  const cross = before * share;
  m[at] = after;
  m[at + 1]! += dt * share;
  m[at + 2]! += dl * share;
  m[at + 3]! += tt + dt * dt * cross;
  m[at + 4]! += tl + dt * dl * cross;
  m[at + 5]! += ll + dl * dl * cross;
}
