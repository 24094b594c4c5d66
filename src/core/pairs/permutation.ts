import type { RidgeCandidate } from "../models/clr/candidates.ts";
import { prepareValidation, type Validation, validateRidge } from "../models/clr/cross-validate.ts";
import { pairedDifference } from "../models/clr/day-losses.ts";
import { rowLoss } from "../models/clr/logit.ts";
import { orderRows, type TrainingRows } from "../models/clr/training-rows.ts";
import { type DayRules, windowDays } from "./days.ts";

export interface PermutationOptions {
  readonly rules: DayRules;
  readonly horizonMs: number;
  readonly gridMs: number;
  readonly shouldStop?: () => boolean;
}

/** What is left of the gain over the clock when every day bears the labels of another day. */
export type PermutationAnswer =
  | { readonly status: "skipped"; readonly reason: string }
  | {
      readonly status: "vanished" | "stayed";
      /** Nats a window: how much better the held-out answers fit the labels lent to their day than those lent to other held-out days. */
      readonly gain: number;
      /** Of `gain`, over days. */
      readonly standardError: number;
      readonly days: number;
      readonly permutations: number;
    };

const FEWEST_DAYS = 6;
const MOST_FOLDS = 5;
const PERMUTATIONS = 10;
/** A leak is one of rows, so some of them and some columns show it. */
const MOST_ROWS = 2500;
const MOST_COLUMNS = 60;
/** One strength, and nothing chosen by the days that judge it: under honest folds the gain is 0 on average, not merely small. */
const ALL_SENSORS: RidgeCandidate = { name: "entity", upTo: "entity", multipliers: [1, 1, 1, 1] };
const STRENGTH = 1;
/** The one-sided 99.7 % point of Student's t, which is so many standard errors with so many days. */
const stayedFrom = (days: number): number => 2.75 + 8 / (days - 1);

/**
 * The statistical part of the leakage guard: with labels permuted among days the gain of the sensors over the clock must vanish. Whole days
 * change places, each window bearing the label of its own time of day, and the model is fitted again in the selection's own folds. Its
 * held-out answers must then fit the labels lent to their own day no better than those lent to the other held-out days. The clock answers
 * every day alike, so between the two its loss is the same, and what differs is the gain over it. A sensor that nearly is the label is
 * honest and gains nothing here, nor does a shift by whole days. What gains has seen its test rows: folds that split days, or rows that are
 * there twice.
 */
export function permutedGain(training: TrainingRows, options: PermutationOptions): PermutationAnswer {
  const { rules, horizonMs, gridMs, shouldStop } = options;
  const table = orderRows(fewerColumns(training));
  const windowNos = Float64Array.from(training.windowEndMs, (endMs) => Math.round(endMs / gridMs));
  const days = windowDays(windowNos, gridMs, rules);
  const slots = Int32Array.from(windowNos, (windowNo) => Math.round((rules.zone.hourAt((windowNo - 1) * gridMs) * 3_600_000) / gridMs));
  const stride = Math.max(1, Math.ceil(table.rows.length / MOST_ROWS));
  const rows = table.rows.filter((row) => slots[row]! % stride === 0);
  const known = [...new Set(Array.from(rows, (row) => days[row]!))].sort((a, b) => a - b);
  if (known.length < FEWEST_DAYS) return { status: "skipped", reason: `fewer than ${FEWEST_DAYS} labelled days` };

  const maxFolds = Math.min(MOST_FOLDS, Math.floor(known.length / 2));
  const sums = new Map<number, { gain: number; count: number }>();
  let permutations = 0;
  for (let k = 0; k < PERMUTATIONS; k++) {
    const lent = lend(training.labels, rows, days, slots, derangement(known, k));
    const validation = prepareValidation({ ...table, labels: lent.labels }, lent.rows, stride, { horizonMs, gridMs, maxFolds });
    if (!validation.folds.some(({ canFit }) => canFit)) continue;
    const { logits } = validateRidge(validation, ALL_SENSORS, [STRENGTH], shouldStop);
    addGains(sums, validation, logits, days, slots);
    permutations += 1;
  }
  const gains = [...sums.values()].filter(({ count }) => count > 0).map(({ gain, count }) => gain / count);
  if (gains.length < FEWEST_DAYS) return { status: "skipped", reason: "too few days can be held out together" };
  const { mean, standardError } = pairedDifference(
    gains,
    gains.map(() => 0),
  );
  return {
    status: mean > stayedFrom(gains.length) * standardError ? "stayed" : "vanished",
    gain: mean,
    standardError,
    days: gains.length,
    permutations,
  };
}

/** Adds to each held-out day the mean loss of its answers on the labels of the fold's other days, minus that on its own. */
function addGains(
  sums: Map<number, { gain: number; count: number }>,
  { folds, rows, labels }: Validation,
  logits: Float64Array,
  days: Int32Array,
  slots: Int32Array,
): void {
  for (const { fold } of folds) {
    const bySlot = new Map<number, number[]>();
    for (const at of fold.test) {
      const slot = slots[rows[at]!]!;
      const found = bySlot.get(slot);
      if (found === undefined) bySlot.set(slot, [at]);
      else found.push(at);
    }
    for (const sharing of bySlot.values()) {
      const positives = sharing.reduce((sum, at) => sum + labels[at]!, 0);
      for (const at of sharing) {
        const others = sharing.length - 1;
        if (others === 0) continue;
        const logit = logits[at]!;
        const ones = positives - labels[at]!;
        const other = (ones * rowLoss(1, logit) + (others - ones) * rowLoss(0, logit)) / others;
        const day = days[rows[at]!]!;
        const sum = sums.get(day) ?? { gain: 0, count: 0 };
        sum.gain += other - rowLoss(labels[at]!, logit);
        sum.count += 1;
        sums.set(day, sum);
      }
    }
  }
}

function fewerColumns(training: TrainingRows): TrainingRows {
  const { design, features } = training;
  const step = Math.max(1, Math.ceil(design.cols / MOST_COLUMNS));
  const chosen = Array.from({ length: Math.ceil(design.cols / step) }, (_, k) => k * step);
  const columns = new Float64Array(design.rows * chosen.length);
  chosen.forEach((from, to) => {
    columns.set(design.columns.subarray(from * design.rows, (from + 1) * design.rows), to * design.rows);
  });
  return { ...training, design: { columns, rows: design.rows, cols: chosen.length }, features: chosen.map((column) => features[column]!) };
}

/** Every row's label from the same time of day of the day that lends to its own; rows whose lender has no such window are left out. */
function lend(
  labels: Uint8Array,
  rows: Int32Array,
  days: Int32Array,
  slots: Int32Array,
  lender: ReadonlyMap<number, number>,
): { readonly labels: Uint8Array; readonly rows: Int32Array } {
  const key = (day: number, slot: number): string => `${day} ${slot}`;
  const known = new Map(Array.from(rows, (row) => [key(days[row]!, slots[row]!), labels[row]!]));
  const lent = labels.slice();
  const kept = rows.filter((row) => {
    const label = known.get(key(lender.get(days[row]!)!, slots[row]!));
    if (label !== undefined) lent[row] = label;
    return label !== undefined;
  });
  return { labels: lent, rows: kept };
}

/** A permutation that leaves no day where it is, the same for the same number: a shuffled ring in which each lends to the next. */
function derangement(days: readonly number[], number: number): Map<number, number> {
  const ring = [...days];
  let state = Math.imul(number + 1, 0x9e3779b1);
  for (let i = ring.length - 1; i > 0; i--) {
    state = (Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5) | 0;
    const j = (state >>> 0) % (i + 1);
    [ring[i], ring[j]] = [ring[j]!, ring[i]!];
  }
  return new Map(ring.map((day, k) => [day, ring[(k + 1) % ring.length]!]));
}
