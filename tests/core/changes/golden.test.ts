import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createRatio } from "../../../src/core/changes/beta-binomial.ts";
import { advance, createFilter } from "../../../src/core/changes/filter.ts";
import { createGaussian } from "../../../src/core/changes/gaussian.ts";
import type { ObservationModel } from "../../../src/core/changes/model.ts";
import { createPoisson } from "../../../src/core/changes/poisson-gamma.ts";
import { expectedRunLength, likeliestRun, probabilities, probabilityUpTo } from "../../../src/core/changes/posterior.ts";

interface GoldenStep {
  readonly t: number;
  readonly p_first10: readonly number[];
  readonly expected: number;
  readonly map: number;
  readonly p_le: Readonly<Record<string, number>>;
  readonly log_evidence: number;
}

interface GoldenSeries {
  readonly name: string;
  readonly model?: string;
  readonly params: Readonly<Record<string, number>>;
  readonly x: readonly (number | null | readonly [number, number])[];
  readonly steps: readonly GoldenStep[];
}

function parameter(series: GoldenSeries, name: string): number {
  const found = series.params[name];
  if (found === undefined) throw new Error(`${series.name} has no parameter ${name}`);
  return found;
}

function modelOf(series: GoldenSeries): ObservationModel {
  const of = (name: string) => parameter(series, name);
  if (series.model === "poisson_gamma") return createPoisson({ shape0: of("shape0"), rate0: of("rate0") });
  if (series.model === "beta_binomial") return createRatio({ a0: of("a0"), b0: of("b0") });
  return createGaussian({ mu0: of("mu0"), kappa0: of("kappa0"), alpha0: of("alpha0"), beta0: of("beta0") });
}

/** The golden files were written by bocpd_reference.py and checked against a 50-digit computation; see their field `about`. */
const files = ["bocpd_golden.json", "bocpd_golden_extra.json"].map((name) => new URL(`../../golden/${name}`, import.meta.url));
const all: GoldenSeries[] = files.flatMap((file) => JSON.parse(readFileSync(file, "utf8")).series);

describe("golden files", () => {
  test("hold six series", () => expect(all).toHaveLength(6));

  test.each(all.map((series) => [series.name, series] as const))("every step of %s agrees to 1e-10", (_, series) => {
    const filter = createFilter(modelOf(series), null);
    let worst = 0;
    const compare = (ours: number, theirs: number) => {
      worst = Math.max(worst, Math.abs(ours - theirs));
    };
    expect(series.steps).toHaveLength(series.x.length);
    for (const [i, step] of series.steps.entries()) {
      const x = series.x[i] ?? null;
      const [value, exposure] = typeof x === "number" || x === null ? [x, 1] : x;
      advance(filter, value, exposure, parameter(series, "hazard"), 0);
      expect(filter.step).toBe(step.t);
      const first = probabilities(filter, 9);
      for (const [r, probability] of step.p_first10.entries()) compare(first[r] ?? Number.NaN, probability);
      for (const [length, probability] of Object.entries(step.p_le)) compare(probabilityUpTo(filter, Number(length)), probability);
      compare(expectedRunLength(filter), step.expected);
      compare(filter.logEvidence, step.log_evidence);
      expect(filter.step - (filter.runs.start[likeliestRun(filter)] ?? -1)).toBe(step.map);
    }
    expect(worst).toBeLessThan(1e-10);
  });
});
