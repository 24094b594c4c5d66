import { mean, sampleStandardDeviation } from "simple-statistics";
import { rowLoss } from "./logit.ts";

/**
 * The losses of one candidate, one number per day: the day's summed loss over the mean size of a day, so that their mean is the pooled
 * log loss and a day of few windows counts little. Days are the units of every comparison: windows of one night are not independent.
 */
export type DayLosses = readonly number[];

/** Which rows belong to which day, in the order of the days. */
export interface DayGroups {
  readonly days: readonly number[];
  /** Per row, the position of its day in `days`. */
  readonly groupOf: Int32Array;
  readonly sizes: readonly number[];
}

export function groupByDay(dayIndex: ArrayLike<number>): DayGroups {
  const days = [...new Set(Array.from(dayIndex))].sort((a, b) => a - b);
  const position = new Map(days.map((day, k) => [day, k]));
  const groupOf = Int32Array.from(dayIndex, (day) => position.get(day)!);
  const sizes = new Array<number>(days.length).fill(0);
  for (const group of groupOf) sizes[group] = sizes[group]! + 1;
  return { days, groupOf, sizes };
}

/** What one row can cost at most, so that a held-out cell beyond all reason makes a candidate lose instead of making figures meaningless. */
const MOST_LOSS = 1e9;

/** Row weights, where given, weigh the rows of a day. */
export function dayLosses(labels: Uint8Array, logits: Float64Array, groups: DayGroups, weights?: Float64Array): DayLosses {
  const sums = new Array<number>(groups.days.length).fill(0);
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights?.[i] ?? 1;
    const group = groups.groupOf[i]!;
    const loss = rowLoss(labels[i]!, logits[i]!);
    sums[group] = sums[group]! + weight * (Number.isNaN(loss) ? MOST_LOSS : Math.min(loss, MOST_LOSS));
    total += weight;
  }
  return sums.map((sum) => (sum * sums.length) / total);
}

/** Mean of the paired differences a - b over days, and its standard error (0 with a single day). */
export function pairedDifference(a: DayLosses, b: DayLosses): { readonly mean: number; readonly standardError: number } {
  const differences = a.map((loss, day) => loss - b[day]!);
  return { mean: mean(differences), standardError: standardErrorOf(differences) };
}

function standardErrorOf(units: readonly number[]): number {
  return units.length > 1 ? sampleStandardDeviation(units) / Math.sqrt(units.length) : 0;
}

/** The 84 % point of Student's t by degrees of freedom: what "one standard error" must mean when few days estimate it. */
const STUDENT = [1, 1.837, 1.321, 1.197, 1.142];

/** One standard error of a mean over few days, widened for the uncertainty of the standard error itself. */
export function widened(standardError: number, days: number): number {
  return standardError * (STUDENT[days - 1] ?? 1 + 0.55 / (days - 1));
}

/** Position of the smallest mean loss. */
export function bestOf(path: readonly DayLosses[]): number {
  const means = path.map((losses) => mean([...losses]));
  return means.indexOf(Math.min(...means));
}

/**
 * Of a path that goes from strong to weak penalties, the strongest within one standard error of the best. "paired" compares each with
 * the best day by day; "unpaired" is glmnet's lambda.1se: within the standard error of the best one's own mean.
 */
export function strongestWithinOneError(path: readonly DayLosses[], comparison: "paired" | "unpaired" = "paired"): number {
  const best = bestOf(path);
  const bestLosses = path[best]!;
  const found = path.findIndex((losses) => {
    const difference = pairedDifference(losses, bestLosses);
    return difference.mean <= (comparison === "paired" ? widened(difference.standardError, losses.length) : standardErrorOf(bestLosses));
  });
  return found === -1 ? best : found;
}
