import { dropTail, massOf, mergeCheapest, type RunLimit } from "./bound.ts";
import { expMinus } from "./log-exp.ts";
import type { ObservationModel } from "./model.ts";
import { copyRuns, createRuns, type Runs } from "./runs.ts";

/**
 * The run-length posterior after `step` steps. Run length r = step - start; r = 0 means that the run ended with the newest
 * observation, so that run holds nothing yet. P(r) = mass / total.
 */
export interface Filter {
  readonly model: ObservationModel;
  /** null: exact, every hypothesis is kept and a step costs as much as there have been steps. */
  readonly limit: RunLimit | null;
  readonly runs: Runs;
  step: number;
  total: number;
  /** log p(x_1 .. x_t), natural logarithm. */
  logEvidence: number;
  /** Sum over steps of the probability that changed its start by merging. An indicator, no bound of the error. */
  mergedMass: number;
  /** Sum over steps of the probability dropped at the old end. */
  droppedMass: number;
}

/** @throws RangeError when the limit leaves no two runs to merge. */
export function createFilter(model: ObservationModel, limit: RunLimit | null): Filter {
  if (limit !== null && limit.runs < limit.untouched + 2) throw new RangeError(`${limit.runs} runs are too few for the limit`);
  const runs = createRuns(limit === null ? 64 : limit.runs, model.empty.length);
  const filter: Filter = { model, limit, runs, step: 0, total: 1, logEvidence: 0, mergedMass: 0, droppedMass: 0 };
  beginRun(filter, 0, 0);
  return filter;
}

export function copyFilter(filter: Filter): Filter {
  return { ...filter, runs: copyRuns(filter.runs, filter.limit?.runs ?? filter.runs.count + 1) };
}

/** Probability that a run ends within `elapsedMs` when runs last `meanMs` on average: uneven windows and gaps stay consistent. */
export function hazardOf(elapsedMs: number, meanMs: number): number {
  return -Math.expm1(-elapsedMs / meanMs);
}

/** Without observations the masses only grow; beyond this they are scaled down again. */
const MOST_TOTAL = 1e100;

/**
 * One step of the exact recursion, in place (Adams & MacKay, arXiv:0710.3742, algorithm 1, in log space): every run predicts the
 * observation, grows with probability 1 - hazard or ends with probability hazard (0 < hazard < 1). A missing observation
 * (null) ages the runs by the hazard alone. `mark` is noted with the run that may begin now.
 */
export function advance(filter: Filter, value: number | null, exposure: number, hazard: number, mark: number): void {
  let sum = filter.total;
  if (value !== null) {
    if (!Number.isFinite(value)) throw new RangeError(`an observation must be a finite number, not ${value}`);
    const before = filter.total;
    const largest = filter.model.observe(filter.runs, value, exposure);
    sum = weigh(filter.runs, largest);
    filter.logEvidence += largest + Math.log(sum / before);
  } else if (filter.total > MOST_TOTAL) {
    sum = weigh(
      filter.runs,
      filter.runs.logWeight.subarray(0, filter.runs.count).reduce((a, b) => Math.max(a, b)),
    );
  }
  filter.step += 1;
  if (filter.limit !== null) sum = bound(filter, filter.limit, sum);
  // Growth multiplies all old runs alike, so it is put into the scale of the new run instead.
  beginRun(filter, Math.log(sum) + Math.log(hazard / (1 - hazard)), mark);
  filter.total = sum + filter.runs.mass[filter.runs.count - 1]!;
}

/** Log weights relative to the largest, and their masses. Returns the sum of the masses. */
function weigh(runs: Runs, largest: number): number {
  const { count, logWeight, mass } = runs;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const below = largest - logWeight[i]!;
    logWeight[i] = -below;
    const weight = expMinus(below);
    mass[i] = weight;
    sum += weight;
  }
  return sum;
}

function bound(filter: Filter, limit: RunLimit, sum: number): number {
  const { runs } = filter;
  const gone = dropTail(runs, sum, limit);
  filter.droppedMass += gone / sum;
  if (runs.count >= limit.runs) filter.mergedMass += mergeCheapest(runs, filter.step, limit, filter.model) / sum;
  return sum - gone;
}

function beginRun(filter: Filter, logWeight: number, mark: number): void {
  const { runs, model } = filter;
  if (runs.count === runs.start.length) Object.assign(runs, copyRuns(runs, 2 * runs.count));
  const newest = runs.count;
  runs.start[newest] = filter.step;
  runs.seen[newest] = 0;
  runs.logWeight[newest] = logWeight;
  runs.mass[newest] = massOf(logWeight);
  runs.mark[newest] = mark;
  for (let k = 0; k < model.empty.length; k++) runs.statistics[k]![newest] = model.empty[k]!;
  runs.count = newest + 1;
}
