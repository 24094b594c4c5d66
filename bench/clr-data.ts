import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDesign, type Design } from "../src/core/models/clr/design.ts";
import { runPeer } from "./clr-peer.ts";

/** A set for logistic regression: standardised columns, held column after column. */
export interface RegressionSet {
  readonly design: Design;
  readonly labels: Uint8Array;
  /** scikit-learn's C: the penalty is 1/C. */
  readonly c: number;
  /** Objective at the minimum as another program found it (sum of log losses + |w|^2 / 2C); null where none was at hand. */
  readonly optimum: number | null;
  /** Where the files lie, for the peer; null when the set exists in memory alone. */
  readonly folder: string | null;
}

/** `--data FOLDER`, else a set made by the peers' make_clr_data.py, else one made here (which no peer sees). */
export function regressionSet(data: string | undefined, rows: number, cols: number): RegressionSet {
  if (data !== undefined) return readSet(data);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-clr-"));
  const made = runPeer("make_clr_data.py", ["--rows", String(rows), "--cols", String(cols), "--seed", "1", "--c", "1", "--out", folder]);
  if (made !== null) return readSet(folder);
  rmSync(folder, { recursive: true, force: true });
  return madeHere(rows, cols);
}

function readSet(folder: string): RegressionSet {
  const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as { rows: number; cols: number; c: number; objective: number };
  const bytes = readFileSync(join(folder, "X.f64"));
  const cells = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const design = createDesign(meta.rows, meta.cols);
  for (let i = 0; i < meta.rows; i++) {
    for (let j = 0; j < meta.cols; j++) design.columns[j * meta.rows + i] = cells[i * meta.cols + j]!;
  }
  return { design, labels: new Uint8Array(readFileSync(join(folder, "y.u8"))), c: meta.c, optimum: meta.objective, folder };
}

/** Columns that share 8 hidden factors, labels drawn from a logistic model of a third of them. Seeded. */
function madeHere(rows: number, cols: number): RegressionSet {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const loadings = Float64Array.from({ length: 8 * cols }, () => normal() / Math.sqrt(8));
  const truth = Float64Array.from({ length: cols }, () => (uniform() < 0.3 ? 0.35 * normal() : 0));
  const design = createDesign(rows, cols);
  const labels = new Uint8Array(rows);
  const factors = new Float64Array(8);
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < 8; f++) factors[f] = normal();
    let logit = -1;
    for (let j = 0; j < cols; j++) {
      let cell = normal();
      for (let f = 0; f < 8; f++) cell += factors[f]! * loadings[f * cols + j]!;
      design.columns[j * rows + i] = cell / Math.SQRT2;
      logit += (truth[j]! * cell) / Math.SQRT2;
    }
    labels[i] = uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { design, labels, c: 1, optimum: null, folder: null };
}
