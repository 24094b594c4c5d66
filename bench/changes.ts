import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { covering, matches } from "../src/core/changes/agreement.ts";
import { detectChanges, FINISHED_SETTINGS, type FinishedSettings } from "../src/core/changes/finished.ts";
import { machine, spreadOf } from "./machine.ts";

interface Series {
  readonly name: string;
  readonly length: number;
  readonly columns: readonly (readonly (number | null)[])[];
}

type Annotations = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/**
 * Change points of each series of a folder in the format of the Turing Change Point Dataset, one fixed setting for all. `out` gets
 * `{series: [0-based index of the first point of each new segment]}`. Where the folder has annotations.json, the scores of the dataset's
 * paper are added (arXiv:2003.06222, section 4; margin 5), and with `leave-one-out` what each series scores under the setting that is
 * best on the others.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = String(options["series"] ?? join(process.env["DATA_DIR"] ?? "../shared/data", "tcpd"));
  const all = readSeries(folder);
  if (all.length === 0) throw new Error(`No series (*.json with n_obs) in ${folder}.`);
  const found: Record<string, readonly number[]> = {};
  const seconds: number[] = [];
  for (const series of all) {
    const started = performance.now();
    found[series.name] = detectChanges(series.columns);
    seconds.push((performance.now() - started) / 1000);
  }
  if (options["out"] !== undefined) writeFileSync(String(options["out"]), `${JSON.stringify(found)}\n`);
  const annotationsFile = join(folder, "annotations.json");
  const annotations: Annotations | null = existsSync(annotationsFile) ? JSON.parse(readFileSync(annotationsFile, "utf8")) : null;
  return {
    name: "changes",
    ours: spreadOf(seconds).median,
    unit: "s per series",
    runs: spreadOf(seconds),
    machine: machine(),
    series: all.length,
    settings: FINISHED_SETTINGS,
    found,
    ...(annotations === null ? {} : scores(all, found, annotations)),
    ...(annotations !== null && options["leave-one-out"] === true ? { leaveOneOut: leaveOneOut(all, annotations) } : {}),
  };
}

function readSeries(folder: string): Series[] {
  const all: Series[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".json")) continue;
    const content = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
      readonly n_obs?: number;
      readonly series?: readonly { readonly raw: readonly (number | string | null)[] }[];
    };
    if (typeof content.n_obs !== "number" || content.series === undefined) continue;
    const columns = content.series.map(({ raw }) => raw.map((value) => (value === null || value === "" ? null : Number(value))));
    all.push({ name: file.slice(0, -".json".length), length: content.n_obs, columns });
  }
  return all;
}

interface Score {
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

function scoreAll(all: readonly Series[], annotations: Annotations, find: (series: Series) => readonly number[]): Map<string, Score> {
  const scored = all.filter((series) => annotations[series.name] !== undefined);
  return new Map(scored.map((series) => [series.name, scoreOf(series, find(series), Object.values(annotations[series.name] ?? {}))]));
}

function meanOf(each: Iterable<Score>): Score {
  const list = [...each];
  const mean = (of: (score: Score) => number) => list.reduce((sum, score) => sum + of(score), 0) / list.length;
  return { f1: mean((score) => score.f1), cover: mean((score) => score.cover) };
}

function scores(all: readonly Series[], found: Readonly<Record<string, readonly number[]>>, annotations: Annotations): object {
  const each = scoreAll(all, annotations, (series) => found[series.name] ?? []);
  return { mean: meanOf(each.values()), scores: Object.fromEntries(each) };
}

/** Settings among which a left-out series has its chosen by the others. */
function candidates(): FinishedSettings[] {
  const list: FinishedSettings[] = [];
  for (const alpha0 of [4, 6, 9]) {
    for (const hazard of [0.001, 0.003, 0.01]) {
      for (const leastPower of [0.35, 0.4, 0.45]) {
        for (const noiseShares of [
          [0.02, 0.04, 0.07, 0.12],
          [0.03, 0.06, 0.1, 0.15],
          [0.04, 0.08, 0.12, 0.2],
        ]) {
          list.push({ ...FINISHED_SETTINGS, alpha0, hazard, leastPower, noiseShares });
        }
      }
    }
  }
  return list;
}

function leaveOneOut(all: readonly Series[], annotations: Annotations): object {
  const tried = candidates().map((settings, k, { length }) => {
    if (k % 9 === 0) process.stderr.write(`leave one out: ${k} of ${length} settings\n`);
    return { settings, scores: scoreAll(all, annotations, (series) => detectChanges(series.columns, settings)) };
  });
  const names = [...(tried[0]?.scores.keys() ?? [])];
  const without = (scored: ReadonlyMap<string, Score>, name: string | null) => {
    const { f1, cover } = meanOf([...scored].filter(([other]) => other !== name).map(([, score]) => score));
    return f1 + cover;
  };
  const each = names.map((name) => {
    const best = tried.reduce((a, b) => (without(b.scores, name) > without(a.scores, name) ? b : a));
    const { alpha0, hazard, leastPower, noiseShares } = best.settings;
    return { name, ...(best.scores.get(name) ?? { f1: 0, cover: 0 }), chosen: { alpha0, hazard, leastPower, noiseShares } };
  });
  const totals = tried.map((one) => meanOf(one.scores.values()));
  return {
    mean: meanOf(each),
    settingsTried: tried.length,
    // How much the choice matters at all: the mean over series of the worst, the average and the best setting.
    f1: spreadOf(totals.map((total) => total.f1)),
    cover: spreadOf(totals.map((total) => total.cover)),
    series: each,
  };
}
