import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRatio } from "../src/core/changes/beta-binomial.ts";
import { DEFAULT_LIMIT } from "../src/core/changes/bound.ts";
import { advance, createFilter, type Filter } from "../src/core/changes/filter.ts";
import { createGaussian } from "../src/core/changes/gaussian.ts";
import type { ObservationModel } from "../src/core/changes/model.ts";
import { createPoisson } from "../src/core/changes/poisson-gamma.ts";
import { probabilityUpTo } from "../src/core/changes/posterior.ts";
import { createRandom, type Random } from "../src/demo/home/random.ts";

const HAZARD = 1 / 250;
const RECENT = 20;

interface NamedStream {
  readonly name: string;
  readonly model: () => ObservationModel;
  /** Observations and their exposures. */
  readonly values: readonly (readonly [number, number])[];
}

export interface BoundError {
  /** Largest error of P(r <= 20) over all steps, against the filter that keeps every run. */
  readonly recent: number;
  /** Largest distance of the two distribution functions of the run length, looked at every 50 steps. */
  readonly distribution: number;
  /** The indicator that the state carries. */
  readonly mergedMass: number;
  readonly steps: number;
}

/** What the limit of 200 runs costs on streams of all three models, by name. */
export function boundErrors(): Readonly<Record<string, BoundError>> {
  return Object.fromEntries(namedStreams().map((stream) => [stream.name, errorOf(stream)]));
}

function errorOf({ model, values }: NamedStream): BoundError {
  const exact = createFilter(model(), null);
  const bounded = createFilter(model(), DEFAULT_LIMIT);
  let recent = 0;
  let distribution = 0;
  for (const [value, exposure] of values) {
    advance(exact, value, exposure, HAZARD, 0);
    advance(bounded, value, exposure, HAZARD, 0);
    recent = Math.max(recent, Math.abs(probabilityUpTo(exact, RECENT) - probabilityUpTo(bounded, RECENT)));
    if (exact.step % 50 === 0) distribution = Math.max(distribution, distanceOf(exact, bounded));
  }
  return { recent, distribution, mergedMass: bounded.mergedMass, steps: values.length };
}

/** Kolmogorov-Smirnov distance of the two distributions of the run length. */
function distanceOf(exact: Filter, bounded: Filter): number {
  let largest = 0;
  let ours = 0;
  let truth = 0;
  let k = 0;
  for (let i = 0; i < exact.runs.count; i++) {
    truth += exact.runs.mass[i]! / exact.total;
    for (; k < bounded.runs.count && bounded.runs.start[k]! <= exact.runs.start[i]!; k++) ours += bounded.runs.mass[k]! / bounded.total;
    largest = Math.max(largest, Math.abs(truth - ours));
  }
  return largest;
}

function namedStreams(): NamedStream[] {
  const gaussian = () => createGaussian({ mu0: 0, kappa0: 1, alpha0: 1, beta0: 1 });
  const poisson = () => createPoisson({ shape0: 1, rate0: 0.25 });
  const ratio = () => createRatio({ a0: 0.7, b0: 1.3 });
  const noise = (seed: number, length: number, level: (t: number) => number) => {
    const random = createRandom(seed, 3);
    return Array.from({ length }, (_, t) => [random.normal(level(t), 1), 1] as const);
  };
  const counts = (seed: number, length: number, rate: (t: number) => number) => {
    const random = createRandom(seed, 4);
    return Array.from({ length }, (_, t) => [poissonOf(rate(t), random), 1] as const);
  };
  const shares = (seed: number, length: number, share: (t: number) => number) => {
    const random = createRandom(seed, 5);
    return Array.from({ length }, (_, t) => [binomialOf(12, share(t), random), 12] as const);
  };
  return [
    { name: "level, no change", model: gaussian, values: noise(1, 5000, () => 0) },
    { name: "level, a shift of 0.3 scales", model: gaussian, values: noise(2, 5000, (t) => (t < 2500 ? 0 : 0.3)) },
    { name: "level, twenty changes of 2 scales", model: gaussian, values: noise(3, 3000, (t) => 2 * (Math.floor(t / 150) % 2)) },
    { name: "count, no change", model: poisson, values: counts(4, 3000, () => 4) },
    { name: "count, a fifth more, then back", model: poisson, values: counts(5, 3000, (t) => (t > 1000 && t < 2000 ? 4.8 : 4)) },
    { name: "share, no change", model: ratio, values: shares(6, 3000, () => 0.3) },
    { name: "share, from 0.3 to 0.35", model: ratio, values: shares(7, 3000, (t) => (t < 1500 ? 0.3 : 0.35)) },
    ...wellLog(gaussian),
  ];
}

function wellLog(model: () => ObservationModel): NamedStream[] {
  const file = join(process.env["DATA_DIR"] ?? "../shared/data", "tcpd", "well_log.json");
  if (!existsSync(file)) return [];
  const { series } = JSON.parse(readFileSync(file, "utf8")) as { readonly series: readonly [{ readonly raw: readonly number[] }] };
  const { raw } = series[0];
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  const scale = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / raw.length);
  return [{ name: "well log", model, values: raw.map((value) => [(value - mean) / scale, 1] as const) }];
}

function poissonOf(mean: number, random: Random): number {
  let drawn = 0;
  for (let product = random.uniform(); product > Math.exp(-mean); product *= random.uniform()) drawn += 1;
  return drawn;
}

function binomialOf(slots: number, share: number, random: Random): number {
  let on = 0;
  for (let slot = 0; slot < slots; slot++) if (random.chance(share)) on += 1;
  return on;
}
