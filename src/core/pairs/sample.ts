/** Neighbouring windows are derived together: what one reads ahead of its end happens in the next. */
const RUN = 6;

/**
 * Which rows are derived again: runs of neighbouring windows, chosen so that as many features as possible change within them, because
 * only there a value that read ahead differs from an honest one. Runs that add no feature are spread evenly over the rest.
 * @param windowNos ascending
 * @param column values of one feature, by row
 * @returns row numbers, ascending
 */
export function telltaleRows(
  windowNos: ArrayLike<number>,
  features: number,
  column: (feature: number) => ArrayLike<number>,
  mostRuns: number,
): number[] {
  const runs: number[] = [];
  for (let at = 0; at < windowNos.length; at += RUN) runs.push(at);
  const chosen = new Set<number>();
  // Per run, the features that change with one of its windows.
  const changing = runs.map(() => new Set<number>());
  for (let j = 0; j < features; j++) {
    const values = column(j);
    for (let i = 1; i < windowNos.length; i++) {
      // A value that came early stands first in the later of both.
      if (
        windowNos[i] === windowNos[i - 1]! + 1 &&
        values[i] !== values[i - 1] &&
        !(Number.isNaN(values[i]) && Number.isNaN(values[i - 1]))
      )
        changing[Math.floor(i / RUN)]!.add(j);
    }
  }
  const open = new Set(Array.from({ length: features }, (_, j) => j));
  while (chosen.size < mostRuns / 2 && open.size > 0) {
    let best = -1;
    let most = 0;
    changing.forEach((set, run) => {
      let gain = 0;
      for (const j of set) if (open.has(j)) gain++;
      if (gain > most && !chosen.has(run)) [best, most] = [run, gain];
    });
    if (best === -1) break;
    chosen.add(best);
    for (const j of changing[best]!) open.delete(j);
  }
  for (const run of evenSample(runs.length, Math.min(mostRuns - chosen.size, runs.length))) chosen.add(run);
  return [...chosen]
    .sort((a, b) => a - b)
    .flatMap((run) => Array.from({ length: Math.min(RUN, windowNos.length - runs[run]!) }, (_, k) => runs[run]! + k));
}

/** `size` indices spread evenly over `count` rows, the first and the last among them. */
export function evenSample(count: number, size: number): number[] {
  if (count <= size) return Array.from({ length: count }, (_, i) => i);
  if (size === 1) return [count - 1];
  return Array.from({ length: size }, (_, i) => Math.round((i * (count - 1)) / (size - 1)));
}
