import { detectChanges, FINISHED_SETTINGS, type FinishedSettings } from "../src/core/changes/finished.ts";
import { type Annotations, meanOf, type Score, type Series, scoreAll } from "./changes-score.ts";
import { spreadOf } from "./machine.ts";

interface Tried {
  readonly label: string;
  readonly scores: ReadonlyMap<string, Score>;
}

/**
 * What each series scores under the constants that are best on the others (F1 plus cover), and under the method that is: the method was chosen by
 * someone who had seen all series, so the second column is the honest price of that.
 */
export function leaveOneOut(all: readonly Series[], annotations: Annotations): object {
  const tryOut = (settings: FinishedSettings, label: string): Tried => {
    process.stderr.write(`${label}\n`);
    return { label, scores: scoreAll(all, annotations, (series) => detectChanges(series.columns, settings)) };
  };
  const methods = METHODS.map(({ label, settings }) => tryOut({ ...FINISHED_SETTINGS, ...settings }, label));
  const constants = candidates().map((settings) => tryOut({ ...FINISHED_SETTINGS, ...settings }, JSON.stringify(settings)));
  const byConstants = leftOut(constants);
  const byMethod = leftOut(methods);
  const totals = constants.map((one) => meanOf(one.scores.values()));
  process.stderr.write(tableOf(byConstants, byMethod));
  return {
    mean: meanOf(byConstants),
    meanByMethod: meanOf(byMethod),
    methods: Object.fromEntries(methods.map(({ label, scores }) => [label, meanOf(scores.values())])),
    settingsTried: constants.length,
    // How much the choice matters at all: the mean over series of the worst, the middle and the best setting.
    f1: spreadOf(totals.map((total) => total.f1)),
    cover: spreadOf(totals.map((total) => total.cover)),
    series: byConstants,
    seriesByMethod: byMethod,
  };
}

interface LeftOut extends Score {
  readonly name: string;
  readonly chosen: string;
}

function leftOut(tried: readonly Tried[]): LeftOut[] {
  const without = ({ scores }: Tried, name: string): number => {
    const { f1, cover } = meanOf([...scores].filter(([other]) => other !== name).map(([, score]) => score));
    return f1 + cover;
  };
  return [...(tried[0]?.scores.keys() ?? [])].map((name) => {
    const best = tried.reduce((a, b) => (without(b, name) > without(a, name) ? b : a));
    return { name, ...(best.scores.get(name) ?? { f1: 0, cover: 0 }), chosen: best.label };
  });
}

/** Ways to read change points out of the same evidence, from the plainest on. */
const METHODS: readonly { readonly label: string; readonly settings: Partial<FinishedSettings> }[] = [
  { label: "levels, one opinion", settings: { flatShare: 1, powerFactors: [1], noiseShares: [0.1], leastPower: 1 } },
  { label: "levels, dependence, one opinion", settings: { flatShare: 1, powerFactors: [1], noiseShares: [0.1] } },
  { label: "lines, one opinion", settings: { powerFactors: [1], noiseShares: [0.1], leastPower: 1 } },
  { label: "lines, dependence, one opinion", settings: { powerFactors: [1], noiseShares: [0.1] } },
  { label: "levels, dependence, agreement", settings: { flatShare: 1 } },
  { label: "lines, dependence, agreement", settings: {} },
];

/** Constants among which a left-out series has its chosen by the others. */
function candidates(): Partial<FinishedSettings>[] {
  const list: Partial<FinishedSettings>[] = [];
  for (const alpha0 of [4, 6, 9]) {
    for (const hazard of [0.001, 0.003, 0.01]) {
      for (const leastPower of [0.35, 0.4, 0.45]) {
        for (const noiseShares of [
          [0.02, 0.04, 0.07, 0.12],
          [0.03, 0.06, 0.1, 0.15],
          [0.04, 0.08, 0.12, 0.2],
        ]) {
          list.push({ alpha0, hazard, leastPower, noiseShares });
        }
      }
    }
  }
  return list;
}

function tableOf(byConstants: readonly LeftOut[], byMethod: readonly LeftOut[]): string {
  const line = (name: string, a: Score, b: Score): string =>
    `| ${name} | ${a.f1.toFixed(3)} / ${a.cover.toFixed(3)} | ${b.f1.toFixed(3)} / ${b.cover.toFixed(3)} |\n`;
  return [
    "| series | F1 / cover, constants by the others | F1 / cover, method by the others |\n| --- | --- | --- |\n",
    ...byConstants.map((one, k) => line(one.name, one, byMethod[k]!)),
    line("mean", meanOf(byConstants), meanOf(byMethod)),
  ].join("");
}
