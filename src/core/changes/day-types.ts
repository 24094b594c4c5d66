import { mean } from "./robust.ts";

/** Weekend minus weekday mean, shrunk by what chance alone would give it (positive-part James-Stein). One entry a day. */
export function believableContrast(weekends: readonly (0 | 1)[], levels: readonly number[]): number {
  const free = levels.filter((_, k) => weekends[k] === 1);
  const work = levels.filter((_, k) => weekends[k] === 0);
  if (free.length < 2 || work.length < 3) return 0;
  const contrast = mean(free) - mean(work);
  let squares = 0;
  for (const level of free) squares += (level - mean(free)) ** 2;
  for (const level of work) squares += (level - mean(work)) ** 2;
  const chance = (squares / (levels.length - 2)) * (1 / free.length + 1 / work.length);
  return contrast === 0 ? 0 : contrast * Math.max(0, 1 - chance / (contrast * contrast));
}
