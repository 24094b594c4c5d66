import { HOUR_MS, isoMs } from "../time.ts";
import { hazardOf } from "./filter.ts";
import { expectedRunLength, likeliestRun, probabilityUpTo } from "./posterior.ts";
import type { StreamKind } from "./settings.ts";
import { readSince } from "./since.ts";
import type { ChangeStream } from "./stream.ts";
import { meanOf, subtract, totalsOfRun } from "./watch.ts";

/** What a reader of the database learns of a stream: at most 1 KB of JSON. Lengths in steps, probabilities to 6 digits. */
export interface StreamSummary {
  readonly version: 1;
  readonly model: StreamKind;
  /** learning: shape and prior are not known yet. */
  readonly phase: "learning" | "watching";
  /** Share of the learning time that is in, 1 once it is over. */
  readonly learned: number;
  readonly step_hours: number;
  /** P(a run ends within a step). */
  readonly hazard_rate: number;
  readonly steps: number;
  readonly run_length_map: number | null;
  readonly expected_run_length: number | null;
  /** P(a change since the last reported one). */
  readonly change_probability: number | null;
  /** P(r <= 20). */
  readonly recent_probability: number | null;
  /** The five most probable runs: when they began, length, probability. */
  readonly top_runs: readonly { readonly start_utc: string; readonly length: number; readonly probability: number }[];
  /** Mean of the likeliest run, in the stream's own unit. */
  readonly current_mean: number | null;
  readonly last_change_utc: string | null;
  readonly pending: boolean;
  readonly runs: number;
  /** Probability moved to another start by merging, summed over steps: an indicator. */
  readonly merged_mass: number;
}

const TOP_RUNS = 5;
const RECENT_STEPS = 20;

export function summarise(stream: ChangeStream): StreamSummary {
  const { settings, watch } = stream;
  const base = {
    version: 1,
    model: stream.definition.kind,
    step_hours: settings.hoursPerStep,
    hazard_rate: rounded(hazardOf(settings.hoursPerStep, settings.meanRunHours)),
  } as const;
  if (watch === null) {
    return {
      ...base,
      phase: "learning",
      learned: rounded(learnedShare(stream)),
      steps: 0,
      run_length_map: null,
      expected_run_length: null,
      change_probability: null,
      recent_probability: null,
      top_runs: [],
      current_mean: null,
      last_change_utc: null,
      pending: false,
      runs: 0,
      merged_mass: 0,
    };
  }
  const { filter } = watch;
  const { runs } = filter;
  const heaviest = Array.from({ length: runs.count }, (_, i) => i)
    .sort((a, b) => runs.logWeight[b]! - runs.logWeight[a]!)
    .slice(0, TOP_RUNS);
  const likeliest = likeliestRun(filter);
  const current = totalsOfRun(watch, likeliest);
  const since = subtract(watch.totals, watch.boundary);
  return {
    ...base,
    phase: "watching",
    learned: 1,
    steps: filter.step,
    run_length_map: filter.step - runs.start[likeliest]!,
    expected_run_length: rounded(expectedRunLength(filter)),
    change_probability: rounded(readSince(filter, since.observed, settings)?.probability ?? 0),
    recent_probability: rounded(probabilityUpTo(filter, RECENT_STEPS)),
    top_runs: heaviest.map((run) => ({
      start_utc: isoMs((watch.originHour + runs.start[run]! * settings.hoursPerStep) * HOUR_MS),
      length: filter.step - runs.start[run]!,
      probability: rounded(runs.mass[run]! / filter.total),
    })),
    current_mean: current.exposure > 0 ? rounded(meanOf(watch, current)) : null,
    last_change_utc: Number.isNaN(watch.lastChangeMs) ? null : isoMs(watch.lastChangeMs),
    pending: watch.pending !== null,
    runs: runs.count,
    merged_mass: rounded(filter.mergedMass),
  };
}

function learnedShare({ learning, settings, lastEndMs }: ChangeStream): number {
  const first = learning[0];
  if (first === undefined) return 0;
  const hours = settings.learningDays * 24;
  return Math.min(1, (lastEndMs / HOUR_MS - first.endHour + 1) / hours, learning.length / (0.7 * hours));
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
