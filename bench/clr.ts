import { rmSync } from "node:fs";
import { fitRidge } from "../src/core/models/clr/fit-ridge.ts";
import { regressionSet } from "./clr-data.ts";
import { peerFit, runPeer } from "./clr-peer.ts";
import { machine, spreadOf } from "./machine.ts";

const RUNS = 5;
/** The peer's tighter tolerance; ours is the largest gradient component per row. */
const PEER_TOLERANCE = 1e-6;
const TOLERANCE = 1e-8;

/**
 * One ridge fit, columns in memory: seconds, and how far above the minimum it ends. `ratio` to scikit-learn's lbfgs on one thread with the
 * same data, run between two halves of ours because a shared machine changes its speed.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const data = typeof options["data"] === "string" ? options["data"] : undefined;
  const set = regressionSet(data, Number(options["rows"] ?? 200_000), Number(options["cols"] ?? 100));
  const problem = { design: set.design, labels: set.labels, penalties: new Float64Array(set.design.cols).fill(1 / set.c) };
  const fitOnce = () => {
    const started = performance.now();
    const fit = fitRidge(problem, { gradientTolerance: TOLERANCE });
    return { fit, seconds: (performance.now() - started) / 1000 };
  };
  fitOnce();
  const before = Array.from({ length: RUNS }, fitOnce);
  const words = ["--c", String(set.c), "--tol", String(PEER_TOLERANCE), "--runs", String(RUNS)];
  const peer = set.folder === null ? null : peerFit(runPeer("sklearn_fit.py", ["--data", set.folder, ...words]));
  const runs = [...before, ...Array.from({ length: RUNS }, fitOnce)];
  const { fit } = runs[0]!;
  const optimum = set.optimum ?? fitRidge(problem, { gradientTolerance: 1e-13, method: "newton" }).objective;
  if (data === undefined && set.folder !== null) rmSync(set.folder, { recursive: true, force: true });
  const spread = spreadOf(runs.map(({ seconds }) => seconds));
  return {
    name: "clr",
    ours: spread.median,
    ...(peer === null ? {} : { peer: peer.seconds, ratio: spread.median / peer.seconds.median, peerObjectiveGap: peer.above_the_optimum }),
    unit: "s per fit",
    runs: spread,
    relativeObjectiveGap: (fit.objective - optimum) / optimum,
    optimumFrom: set.optimum === null ? "own fit at 1e-13" : "meta.json",
    rows: set.design.rows,
    cols: set.design.cols,
    c: set.c,
    method: fit.method,
    iterations: fit.iterations,
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    machine: machine(),
  };
}
