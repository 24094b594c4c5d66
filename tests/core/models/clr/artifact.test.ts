import { describe, expect, test } from "vitest";
import { artifactSchema, checksumOf, createArtifact, parseArtifact } from "../../../../src/core/models/clr/artifact.ts";
import { markDays } from "../../../../src/core/models/clr/day-marks.ts";
import { ClrFault } from "../../../../src/core/models/clr/fault.ts";
import { sigmoid } from "../../../../src/core/models/clr/logit.ts";
import { createScorer, scoreRow } from "../../../../src/core/models/clr/score.ts";
import { selectModel } from "../../../../src/core/models/clr/select-model.ts";
import { household, logitsOn, OPTIONS, trained } from "./sleeper.ts";

const home = household({ seed: 14, days: 7, signal: 1 });
const selected = trained(selectModel(home, OPTIONS));
const label = {
  target: "sleep",
  modelVersion: "sleep-3",
  featureSetVersion: "1-abc",
  stage: "preview",
  rows: 336,
  positives: 120,
  said: markDays(home.dayIndex, home.windowEndMs, home.labels),
  trainedUntilMs: 1_790_000_000_000,
} as const;
const artifact = createArtifact(selected, { ...label, units: { "home:minutes_since_activity": "min" } });
const text = JSON.stringify(artifact);

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof ClrFault ? error.code : String(error);
  }
  return undefined;
}

describe("an artifact", () => {
  test("comes back from its text as it was", () => {
    expect(parseArtifact(text)).toEqual(artifact);
    expect(artifactSchema.parse(JSON.parse(text))).toEqual(artifact);
  });

  test("is all that a consumer needs who knows only coefficients, intercept and names", () => {
    const { model, feature_names } = JSON.parse(text) as { model: { coefficients: number[]; intercept: number }; feature_names: string[] };
    const expected = logitsOn(selected, home);
    for (let row = 0; row < home.labels.length; row += 7) {
      const values = new Map(home.features.map((feature, j) => [feature.name, home.design.columns[j * home.design.rows + row]!]));
      const logit = feature_names.reduce((sum, name, k) => sum + model.coefficients[k]! * values.get(name)!, model.intercept);
      expect(sigmoid(logit)).toBeCloseTo(sigmoid(expected[row]!), 12);
    }
  });

  test("carries what a reader wants to know beside the model", () => {
    expect(artifact).toMatchObject({
      artifact_version: 1,
      model_type: "clr",
      target: "sleep",
      model_version: "sleep-3",
      feature_set_version: "1-abc",
      stage: "preview",
      recipe: "pool",
      state_mappings: { on: 1, off: 0 },
      units: { "home:minutes_since_activity": "min" },
      training: {
        days: 7,
        rows: 336,
        positives: 120,
        until_utc: new Date(1_790_000_000_000).toISOString(),
        skill_vs_clock: selected.figures!.skillVsClock,
      },
      calibration: { applied: selected.report.calibration?.isApplied },
      clock: { feature_names: selected.clockModel.featureNames },
    });
  });

  test("that was damaged or cut is refused with a code", () => {
    expect(codeOf(() => parseArtifact(text.slice(0, -1)))).toBe("artifact invalid");
    expect(codeOf(() => parseArtifact(text.replace("sleep-3", "sleep-4")))).toBe("artifact invalid");
    const short = { ...artifact, feature_names: artifact.feature_names.slice(1) };
    expect(codeOf(() => parseArtifact(JSON.stringify({ ...short, checksum: checksumOf({ ...short, checksum: undefined }) })))).toBe(
      "artifact invalid",
    );
    expect(codeOf(() => parseArtifact("null"))).toBe("artifact invalid");
  });

  test("has a checksum that ignores the order of keys and nothing else", () => {
    expect(checksumOf({ a: 1, b: [{ c: 1, d: 2 }, 2] })).toBe(checksumOf({ b: [{ d: 2, c: 1 }, 2], a: 1 }));
    expect(checksumOf({ a: 1, b: [1, 2] })).not.toBe(checksumOf({ a: 1, b: [2, 1] }));
    // Made with another implementation, which gives the published 85944171f73967e8 for "foobar".
    expect(checksumOf([])).toBe("fnv1a64:09612b07b5ecb5a5");
  });
});

describe("a score", () => {
  const values = Object.fromEntries(home.features.map((feature, j) => [feature.name, home.design.columns[j * home.design.rows + 30]!]));

  test("is the baseline and the contributions of its features, summed", () => {
    const score = scoreRow(artifact, values);
    expect(score.contributions.map(({ feature }) => feature)).toEqual(artifact.feature_names);
    const sum = score.contributions.reduce((total, { contribution }) => total + contribution, score.baselineLogit);
    expect(sum).toBeCloseTo(score.logit, 9);
    expect(score.probability).toBeCloseTo(sigmoid(logitsOn(selected, home)[30]!), 12);
    expect(score.imputedCount).toBe(0);
  });

  test("takes a value that is missing, null or not a number for the training mean, and counts it", () => {
    const [first, second, third] = artifact.feature_names as [string, string, string];
    const { [first]: _absent, ...others } = values;
    const score = scoreRow(artifact, { ...others, [second]: null, [third]: Number.NaN });
    expect(score.imputedCount).toBe(3);
    for (const { feature, contribution, isImputed } of score.contributions.slice(0, 3)) {
      expect(isImputed).toBe(true);
      expect(contribution).toBe(0);
      expect(artifact.imputation[feature]).toBeTypeOf("number");
    }
  });

  test("is the same from numbers in order as from values by name", () => {
    const scorer = createScorer(artifact);
    const ordered = artifact.feature_names.map((name, k) => (k === 1 ? Number.NaN : values[name]!));
    const named = scoreRow(artifact, { ...values, [artifact.feature_names[1]!]: null });
    expect(scorer(ordered)).toBeCloseTo(named.logit, 12);
  });

  test("of the clock part needs no sensor", () => {
    const score = scoreRow(artifact.clock, values);
    expect(score.contributions.every(({ feature }) => feature.startsWith("clock:"))).toBe(true);
    expect(score.logit).toBeCloseTo(logitsOn({ model: selected.clockModel }, home)[30]!, 12);
  });
});
