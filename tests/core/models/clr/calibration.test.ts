import { describe, expect, test } from "vitest";
import { chooseCalibration } from "../../../../src/core/models/clr/choose-calibration.ts";
import { prepareValidation, type Validation } from "../../../../src/core/models/clr/cross-validate.ts";
import { ClrFault } from "../../../../src/core/models/clr/fault.ts";
import { sigmoid } from "../../../../src/core/models/clr/logit.ts";
import { type RawModel, verifyFold } from "../../../../src/core/models/clr/refit.ts";
import { orderRows } from "../../../../src/core/models/clr/training-rows.ts";
import { normals, seeded } from "./problems.ts";
import { household, OPTIONS } from "./sleeper.ts";

/** Held-out logits of some days whose labels were drawn at `slope` times the logit. */
function heldOut(days: number, slope: number): { validation: Validation; logits: Float64Array } {
  const home = household({ seed: 31, days, signal: 0 });
  const normal = normals(5);
  const uniform = seeded(6);
  const logits = Float64Array.from(home.labels, () => 2.5 * normal());
  const labels = Uint8Array.from(logits, (logit) => (uniform() < sigmoid(slope * logit) ? 1 : 0));
  const ordered = orderRows({ ...home, labels });
  return { validation: prepareValidation(ordered, ordered.rows, 1, { ...OPTIONS, maxFolds: 5 }), logits };
}

function choiceFor(days: number, slope: number) {
  const { validation, logits } = heldOut(days, slope);
  return { choice: chooseCalibration(validation, logits), logits };
}

describe("calibration", () => {
  test("calms logits that are too sure, and reports them as a calibration that did not see them would", () => {
    const { choice, logits } = choiceFor(8, 0.65);
    expect(choice.isApplied).toBe(true);
    expect(Math.abs(choice.slope - 0.65)).toBeLessThan(0.1);
    expect(choice.gain).toBeGreaterThan(choice.gainStandardError);
    const shares = Array.from(choice.logits, (logit, row) => (logit - choice.intercept) / (logits[row]! * choice.slope));
    expect(shares.every((share) => Math.abs(share - 1) < 1e-9)).toBe(false);
  });

  test("leaves logits alone that gain no more than one standard error", () => {
    const { choice, logits } = choiceFor(8, 1);
    expect(choice).toMatchObject({ isApplied: false, slope: 1, intercept: 0, reason: expect.stringMatching(/standard error/) });
    expect(choice.logits).toBe(logits);
  });

  test("sharpens on the word of many days only", () => {
    expect(choiceFor(8, 1.6).choice).toMatchObject({ isApplied: false, slope: 1, reason: expect.stringMatching(/too few to sharpen/) });
    expect(choiceFor(16, 1.6).choice).toMatchObject({ isApplied: true });
  });

  test("reports a slope outside one half to two instead of patching it", () => {
    expect(choiceFor(16, 0.2).choice).toMatchObject({ isApplied: false, slope: 1, reason: expect.stringMatching(/outside/) });
  });
});

describe("a folded model", () => {
  const raw = { columns: Float64Array.of(10, 20, Number.NaN, 1, 2, 3), rows: 3, cols: 2 };
  const standard = { columns: Float64Array.of(-1, 1, 0, -1.5, 0, 1.5), rows: 3, cols: 2 };
  const fitted = { coefficients: Float64Array.of(0.5, -2), intercept: 0.25 };
  const model: RawModel = {
    featureNames: ["a", "b"],
    coefficients: [0.1, -3],
    intercept: 0.25 - 0.1 * 15 + 3 * 2,
    imputation: [15, 2],
    scale: [5, 2 / 3],
    missingShare: [1 / 3, 0],
  };
  const check = (changed: Partial<RawModel>) => verifyFold({ ...model, ...changed }, raw, Int32Array.of(0, 1, 2), [0, 1], standard, fitted);

  test("passes when raw rows score as the fitted rows do, a missing value included", () => {
    expect(() => check({})).not.toThrow();
  });

  test("is refused when any raw row scores otherwise by more than 1e-9", () => {
    for (const changed of [{ intercept: model.intercept + 1e-7 }, { coefficients: [0.1 + 1e-9, -3] }, { imputation: [15.001, 2] }]) {
      expect(() => check(changed)).toThrow(ClrFault);
      expect(() => check(changed)).toThrow(/folded/);
    }
  });
});
