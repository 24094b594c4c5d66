import type { Runs } from "./runs.ts";

/**
 * A conjugate observation model: what a run expects of the next observation and how it learns from it. A missing observation
 * needs no method: the filter then leaves weights and statistics alone.
 */
export interface ObservationModel {
  readonly name: "gaussian" | "poisson" | "ratio";
  /** The statistics of a run that has seen nothing, in the order of `Runs.statistics`. */
  readonly empty: readonly number[];
  /** Moves the statistics of the run `kept` by `share` towards those of `gone`, which is merged into it: together they predict as both did. */
  blend(runs: Runs, kept: number, gone: number, share: number): void;
  /**
   * Adds to each run's log weight its log predictive density of the observation, and takes the observation into its statistics.
   * Returns the largest log weight.
   */
  observe(runs: Runs, value: number, exposure: number): number;
  /** The log predictive density of one run for an observation, written straight from the formula. */
  logPredictive(runs: Runs, run: number, value: number, exposure: number): number;
  /** The run's posterior mean of the level (gaussian), the rate per exposure (poisson) or the share (ratio). */
  mean(runs: Runs, run: number): number;
}
