import { HOUR_MS } from "../time.ts";
import { likeliestRun } from "./posterior.ts";
import { type ChangeStream, runStream, type StreamWindow } from "./stream.ts";

/** P(run length) after each step of a stream, as a picture: one column a step, one row for so many lengths. */
export interface RunLengthMap {
  /** End of the first column's step. */
  readonly firstEndMs: number;
  readonly stepMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly stepsPerRow: number;
  /** Column by column, the shortest length first: 0 = less than 1 in 10,000, else the logarithm, 255 = certain. */
  readonly cells: Uint8Array;
  /** Of each column the likeliest length, steps; null while the stream still learns. */
  readonly likeliest: readonly (number | null)[];
}

const MOST_ROWS = 120;
const MOST_COLUMNS = 1000;
/** Powers of ten that the cells span. */
const DECADES = 4;

interface Column {
  readonly likeliest: number | null;
  readonly runs: readonly { readonly length: number; readonly probability: number }[];
}

/** Runs a stream that has not begun through its hours, in time order, and keeps what it thought after each step that ends after `fromMs`. */
export function mapRunLengths(begin: ChangeStream, hours: readonly StreamWindow[], fromMs: number): RunLengthMap {
  const stepMs = begin.settings.hoursPerStep * HOUR_MS;
  const untilMs = hours.at(-1)?.endMs ?? fromMs;
  const leastMs = Math.max(fromMs, untilMs - MOST_COLUMNS * stepMs, (hours[0]?.endMs ?? untilMs) - HOUR_MS);
  const firstEndMs = (Math.floor(leastMs / stepMs) + 1) * stepMs;
  const found: Column[] = [];
  let stream = begin;
  let at = 0;
  for (let endMs = firstEndMs; endMs <= untilMs; endMs += stepMs) {
    const start = at;
    while (at < hours.length && hours[at]!.endMs <= endMs) at++;
    stream = runStream(stream, hours.slice(start, at)).state;
    found.push(columnOf(stream));
  }
  const longest = found.reduce((most, { runs }) => runs.reduce((a, { length }) => Math.max(a, length), most), 0);
  const stepsPerRow = Math.max(1, Math.ceil((longest + 1) / MOST_ROWS));
  const rows = Math.floor(longest / stepsPerRow) + 1;
  return {
    firstEndMs,
    stepMs,
    columns: found.length,
    rows,
    stepsPerRow,
    cells: paint(found, rows, stepsPerRow),
    likeliest: found.map(({ likeliest }) => likeliest),
  };
}

function columnOf({ watch }: ChangeStream): Column {
  if (watch === null) return { likeliest: null, runs: [] };
  const { runs, step, total } = watch.filter;
  const all = Array.from({ length: runs.count }, (_, i) => ({ length: step - runs.start[i]!, probability: runs.mass[i]! / total }));
  return { likeliest: all[likeliestRun(watch.filter)]?.length ?? null, runs: all.filter(({ probability }) => shade(probability) > 0) };
}

function paint(found: readonly Column[], rows: number, stepsPerRow: number): Uint8Array {
  const cells = new Uint8Array(found.length * rows);
  const sums = new Float64Array(rows);
  for (const [k, { runs }] of found.entries()) {
    sums.fill(0);
    for (const { length, probability } of runs) sums[Math.floor(length / stepsPerRow)]! += probability;
    for (let row = 0; row < rows; row++) cells[k * rows + row] = shade(sums[row]!);
  }
  return cells;
}

function shade(probability: number): number {
  return probability <= 10 ** -DECADES ? 0 : Math.round(255 * Math.min(1, 1 + Math.log10(probability) / DECADES));
}
