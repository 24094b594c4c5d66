import { type Feature, groupRank } from "./candidates.ts";
import type { Design } from "./design.ts";
import { ClrFault } from "./fault.ts";

/** What a model is selected from: one row per labelled window, in any order. */
export interface TrainingRows {
  /** Raw feature values, NaN where a value is missing; column j is features[j]. */
  readonly design: Design;
  readonly features: readonly Feature[];
  readonly labels: Uint8Array;
  /** Optional weight per row, for windows whose label is less sure. */
  readonly weights?: Float64Array;
  /** Number of the noon-to-noon local day of each row. */
  readonly dayIndex: Int32Array;
  readonly windowEndMs: Float64Array;
}

/** The same rows in one canonical order, so that no result depends on how they came. */
export interface OrderedRows extends TrainingRows {
  /** Canonical row numbers of every row, by time. */
  readonly rows: Int32Array;
  /** Column numbers by group, then by name: nested candidates are leading columns. */
  readonly columns: Int32Array;
}

/** @throws ClrFault "shape mismatch" */
export function orderRows(training: TrainingRows): OrderedRows {
  const { design, features, labels, weights, dayIndex, windowEndMs } = training;
  const lengths = [labels.length, dayIndex.length, windowEndMs.length, weights?.length ?? design.rows];
  if (features.length !== design.cols || lengths.some((length) => length !== design.rows)) {
    throw new ClrFault("shape mismatch", `design ${design.rows} x ${design.cols}: ${features.length} features, rows ${lengths.join(", ")}`);
  }
  const rows = Int32Array.from(windowEndMs.keys()).sort((a, b) => windowEndMs[a]! - windowEndMs[b]! || labels[a]! - labels[b]! || a - b);
  const columns = Int32Array.from(features.keys()).sort((a, b) => {
    const first = features[a]!;
    const second = features[b]!;
    return groupRank(first.group) - groupRank(second.group) || (first.name < second.name ? -1 : Number(first.name > second.name));
  });
  return { ...training, rows, columns };
}

/** Every stride-th row, when there are more than `maxRows`: neighbouring windows tell nearly the same. */
export function thin(rows: Int32Array, maxRows: number): { readonly rows: Int32Array; readonly stride: number } {
  const stride = Math.max(1, Math.ceil(rows.length / maxRows));
  return { rows: rows.filter((_, k) => k % stride === 0), stride };
}

/** What keeps a fit from being made at all, in words. */
export function reasonsToSkip({ design, labels, dayIndex, windowEndMs, weights }: OrderedRows): string[] {
  if (design.rows === 0) return ["there are no training rows"];
  const reasons: string[] = [];
  const classes = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label > 1) return ["a label is neither 0 nor 1"];
    if ((weights?.[i] ?? 1) > 0) classes[label] = classes[label]! + 1;
  }
  if (classes[1] === 0) reasons.push("all rows are negative: a positive label is missing");
  if (classes[0] === 0) reasons.push("all rows are positive: a negative row is missing");
  if (weights?.some((weight) => !(weight >= 0 && Number.isFinite(weight)))) reasons.push("a row weight is negative or not finite");
  if (windowEndMs.some((end) => !Number.isFinite(end)) || dayIndex.length === 0) reasons.push("a window has no time");
  return reasons;
}
