import { rmSync } from "node:fs";
import { gather, logitsOf } from "../src/core/models/clr/design.ts";
import { fitRidge, ridgePath } from "../src/core/models/clr/fit-ridge.ts";
import { logLoss } from "../src/core/models/clr/metrics.ts";
import { type RegressionSet, regressionSet } from "./clr-data.ts";
import { peerFit, runPeer } from "./clr-peer.ts";
import { machine, spreadOf } from "./machine.ts";

const RUNS = 3;
const FOLDS = 5;
const STRENGTHS = 12;
const PEER_TOLERANCE = 1e-6;
const TOLERANCE = 1e-6;

/** C from 1e-4 to 1e4, as the peer has it: strong penalties first. */
const GRID = Array.from({ length: STRENGTHS }, (_, k) => 10 ** (-4 + (8 * k) / (STRENGTHS - 1)));

/**
 * The choice of C: 5 folds x 12 strengths and the last fit on all rows, copies of the folds included. `ratio` to scikit-learn's
 * LogisticRegressionCV on one thread with the same data, folds and grid.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const data = typeof options["data"] === "string" ? options["data"] : undefined;
  const set = regressionSet(data, Number(options["rows"] ?? 20_000), Number(options["cols"] ?? 50));
  const folds = stratifiedFolds(set.labels);
  const chooseOnce = () => {
    const started = performance.now();
    const losses = crossValidate(set, folds);
    const best = GRID[losses.indexOf(Math.min(...losses))]!;
    fitRidge({ design: set.design, labels: set.labels, penalties: penalties(set.design.cols, best) }, { gradientTolerance: TOLERANCE });
    return { losses, best, seconds: (performance.now() - started) / 1000 };
  };
  chooseOnce();
  const before = Array.from({ length: RUNS }, chooseOnce);
  const words = ["--folds", String(FOLDS), "--cs", String(STRENGTHS), "--tol", String(PEER_TOLERANCE), "--runs", String(RUNS)];
  const peer = set.folder === null ? null : peerFit(runPeer("sklearn_cv.py", ["--data", set.folder, ...words]));
  const runs = [...before, ...Array.from({ length: RUNS }, chooseOnce)];
  if (data === undefined && set.folder !== null) rmSync(set.folder, { recursive: true, force: true });
  const { losses, best } = runs[0]!;
  const spread = spreadOf(runs.map(({ seconds }) => seconds));
  const peerLosses = peer?.log_loss_per_c;
  return {
    name: "cv",
    ours: spread.median,
    ...(peer === null ? {} : { peer: peer.seconds, ratio: spread.median / peer.seconds.median, peerChosenC: peer.chosen_c }),
    ...(peerLosses && { largestScoreDifference: Math.max(...losses.map((loss, k) => Math.abs(loss - peerLosses[k]!))) }),
    unit: "s per choice",
    runs: spread,
    chosenC: best,
    logLossPerC: losses,
    rows: set.design.rows,
    cols: set.design.cols,
    folds: FOLDS,
    strengths: STRENGTHS,
    machine: machine(),
  };
}

function crossValidate({ design, labels }: RegressionSet, folds: Int32Array): number[] {
  const columns = Array.from({ length: design.cols }, (_, j) => j);
  const losses = new Array<number>(STRENGTHS).fill(0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const rows = Array.from(folds.keys());
    const train = rows.filter((row) => folds[row] !== fold);
    const test = rows.filter((row) => folds[row] === fold);
    const held = gather(design, test, columns);
    const heldLabels = Uint8Array.from(test, (row) => labels[row]!);
    const problem = { design: gather(design, train, columns), labels: Uint8Array.from(train, (row) => labels[row]!) };
    const path = GRID.map((c) => penalties(design.cols, c));
    let k = 0;
    for (const fit of ridgePath(problem, path, { gradientTolerance: TOLERANCE })) {
      losses[k] = losses[k]! + logLoss(heldLabels, logitsOf(held, fit.coefficients, fit.intercept)) / FOLDS;
      k++;
    }
  }
  return losses;
}

function penalties(cols: number, c: number): Float64Array {
  return new Float64Array(cols).fill(1 / c);
}

/**
 * The folds of scikit-learn's StratifiedKFold without shuffling: classes in order of appearance; fold k gets as many rows of a class as
 * lie at positions k, k + folds, ... of the sorted labels; the rows of a class fill the folds in order.
 */
function stratifiedFolds(labels: Uint8Array): Int32Array {
  const first = labels[0]!;
  const counts = [0, 0];
  for (const label of labels) counts[label === first ? 0 : 1]!++;
  const quota = [new Array<number>(FOLDS).fill(0), new Array<number>(FOLDS).fill(0)];
  for (let position = 0; position < labels.length; position++) quota[position < counts[0]! ? 0 : 1]![position % FOLDS]!++;
  const next = [0, 0];
  return Int32Array.from(labels, (label) => {
    const kind = label === first ? 0 : 1;
    while (quota[kind]![next[kind]!] === 0) next[kind]!++;
    quota[kind]![next[kind]!]!--;
    return next[kind]!;
  });
}
