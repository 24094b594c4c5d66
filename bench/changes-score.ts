import { covering, matches } from "../src/core/changes/agreement.ts";

export interface Series {
  readonly name: string;
  readonly length: number;
  readonly columns: readonly (readonly (number | null)[])[];
}

export type Annotations = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

export interface Score {
  readonly f1: number;
  readonly cover: number;
}

/** F1 and covering of one series as the benchmark computes them: points at 0 and at the last index do not count. */
function scoreOf(series: Series, found: readonly number[], annotators: readonly (readonly number[])[]): Score {
  const kept = found.filter((at) => at >= 1 && at <= series.length - 2);
  const withStart = (changes: readonly number[]) => [...new Set([0, ...changes])].sort((a, b) => a - b);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const precision = matches(withStart(annotators.flat()), withStart(kept), 5) / withStart(kept).length;
  const recall = mean(annotators.map((truth) => matches(withStart(truth), withStart(kept), 5) / withStart(truth).length));
  return {
    f1: (2 * precision * recall) / (precision + recall),
    cover: mean(annotators.map((truth) => covering(withStart(truth).slice(1), kept, series.length))),
  };
}

export function scoreAll(
  all: readonly Series[],
  annotations: Annotations,
  find: (series: Series) => readonly number[],
): Map<string, Score> {
  const scored = all.filter((series) => annotations[series.name] !== undefined);
  return new Map(scored.map((series) => [series.name, scoreOf(series, find(series), Object.values(annotations[series.name] ?? {}))]));
}

export function meanOf(each: Iterable<Score>): Score {
  const list = [...each];
  const mean = (of: (score: Score) => number) => list.reduce((sum, score) => sum + of(score), 0) / list.length;
  return { f1: mean((score) => score.f1), cover: mean((score) => score.cover) };
}
