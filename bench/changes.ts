import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { detectChanges, FINISHED_SETTINGS } from "../src/core/changes/finished.ts";
import { leaveOneOut } from "./changes-left-out.ts";
import { type Annotations, meanOf, type Series, scoreAll } from "./changes-score.ts";
import { machine, spreadOf } from "./machine.ts";

/**
 * Change points of each series of a folder in the format of the Turing Change Point Dataset, one fixed setting for all. `out` gets
 * `{series: [0-based index of the first point of each new segment]}`. Where the folder has annotations.json, the scores of the dataset's
 * paper are added (arXiv:2003.06222, section 4; margin 5), and with `leave-one-out` what each series scores under the constants, and under the
 * method, that are best on the others; the table also on stderr.
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

function scores(all: readonly Series[], found: Readonly<Record<string, readonly number[]>>, annotations: Annotations): object {
  const each = scoreAll(all, annotations, (series) => found[series.name] ?? []);
  return { mean: meanOf(each.values()), scores: Object.fromEntries(each) };
}
