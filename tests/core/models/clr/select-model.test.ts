import { describe, expect, test } from "vitest";
import { CLOCK_CANDIDATE, type Feature, RIDGE_CANDIDATES, STRENGTHS } from "../../../../src/core/models/clr/candidates.ts";
import { chooseRecipe } from "../../../../src/core/models/clr/choose-recipe.ts";
import { prepareValidation, validateRidge } from "../../../../src/core/models/clr/cross-validate.ts";
import { EARLY_STOPS } from "../../../../src/core/models/clr/early-stop.ts";
import { ClrFault } from "../../../../src/core/models/clr/fault.ts";
import { figuresOf } from "../../../../src/core/models/clr/held-out.ts";
import { logLoss } from "../../../../src/core/models/clr/metrics.ts";
import { refit } from "../../../../src/core/models/clr/refit.ts";
import { selectModel } from "../../../../src/core/models/clr/select-model.ts";
import { orderRows, type TrainingRows, thin } from "../../../../src/core/models/clr/training-rows.ts";
import { walkForward } from "../../../../src/core/models/clr/walk-forward.ts";
import { distance } from "./golden.ts";
import { seeded, shuffled } from "./problems.ts";
import { household, logitsOn, OPTIONS, reorderColumns, reorderRows, trained, withColumns } from "./sleeper.ts";

const entity = (name: string): Feature => ({ name, group: "entity" });
const firstDays = (rows: TrainingRows, days: number): TrainingRows =>
  reorderRows(
    rows,
    Array.from(rows.labels.keys()).filter((row) => rows.dayIndex[row]! < days),
  );
const lossOn = (selected: Parameters<typeof logitsOn>[0], rows: TrainingRows): number => logLoss(rows.labels, logitsOn(selected, rows));

describe("a selected model", () => {
  const home = household({ seed: 3, days: 12, signal: 1 });
  const selected = trained(selectModel(home, OPTIONS));

  test("is better than the clock on held-out days and on days to come", () => {
    const later = household({ seed: 303, days: 40, signal: 1, firstDay: 100 });
    const loss = lossOn(selected, later);
    expect(selected.recipeName).toBe("pool");
    expect(selected.figures!.skillVsClock).toBeGreaterThan(0.2);
    expect(loss).toBeLessThan(0.8 * lossOn({ model: selected.clockModel }, later));
  });

  test("says of itself what days to come say of models of the days before: over homes the walk is right on average", () => {
    // Six days of twelve are foretold, by models of six, eight and ten days.
    const excess = Array.from({ length: 12 }, (_, k) => {
      const home = household({ seed: k + 1, days: 12, signal: 1 });
      const { assessment } = figuresOf(home, walkForward(orderRows(home), OPTIONS)!.heldOut);
      const younger = orderRows(firstDays(home, 8));
      const { recipe, calibration } = chooseRecipe(younger, OPTIONS)!;
      const later = household({ seed: k + 301, days: 40, signal: 1, firstDay: 100 });
      return Math.log(assessment.logLoss / lossOn(refit(younger, recipe, calibration), later));
    });
    expect(Math.abs(excess.reduce((sum, one) => sum + one, 0) / excess.length)).toBeLessThan(0.15);
  });

  test("is the same bit for bit whatever the order of rows and columns", () => {
    const again = trained(selectModel(reorderRows(home, shuffled(home.labels.length, 1)), OPTIONS));
    expect(again.model).toEqual(selected.model);
    expect(again.figures).toEqual(selected.figures);
    expect(trained(selectModel(reorderColumns(home, shuffled(home.features.length, 2)), OPTIONS)).model).toEqual(selected.model);
  });

  test("gives the same probabilities when a raw column comes in other units", () => {
    const scaled: TrainingRows = { ...home, design: { ...home.design, columns: home.design.columns.slice() } };
    const from = 4 * home.design.rows;
    for (let i = 0; i < home.design.rows; i++) scaled.design.columns[from + i] = 1000 * home.design.columns[from + i]! - 77;
    expect(distance(logitsOn(trained(selectModel(scaled, OPTIONS)), scaled), logitsOn(selected, home))).toBeLessThan(1e-5);
  });

  test("reports the day scores that make up its log loss", () => {
    const { perDay, logLoss: pooled, rows } = selected.figures!.assessment;
    expect(perDay.map(({ day }) => day)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(perDay.reduce((sum, day) => sum + day.rows * day.logLoss, 0) / rows).toBeCloseTo(pooled, 10);
  });

  test("weighs candidates by shares that sum to one and follows every path to its minimum", () => {
    const { candidates } = selected.report;
    expect(candidates.map(({ candidate }) => candidate.name)).toEqual(RIDGE_CANDIDATES.map(({ name }) => name));
    expect(candidates.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
    for (const { strength, bestStrength, path } of candidates) {
      expect(strength).toBeGreaterThanOrEqual(bestStrength);
      const best = Math.min(...path.map((step) => step.logLoss));
      expect(path.find((step) => step.strength === bestStrength)?.logLoss).toBe(best);
      const last = path.at(-1)!;
      expect(last.strength === STRENGTHS.at(-1) || last.logLoss > best).toBe(true);
    }
  });
});

describe("the walk of a report", () => {
  const home = household({ seed: 21, days: 12, signal: 1 });
  const selected = trained(selectModel(home, OPTIONS));
  const { heldOut, report } = selected;

  test("foretells each day by a choice and a fit on the days before it alone", () => {
    expect(heldOut!.by).toBe("walk-forward");
    expect(report.cuts.map(({ testDays }) => testDays)).toEqual([
      [6, 7],
      [8, 9],
      [10, 11],
    ]);
    for (const { testDays, trainDays } of report.cuts) expect(Math.max(...trainDays)).toBeLessThan(testDays[0]!);
    // Days to come say the opposite: nothing said of earlier days may change by a bit. Broken once: with the figures of the day-blocked folds,
    // whose models had seen days 9 to 11, every day's logits differ.
    const turned: TrainingRows = { ...home, labels: home.labels.map((label, row) => (home.dayIndex[row]! >= 9 ? 1 - label : label)) };
    const again = trained(selectModel(turned, OPTIONS)).heldOut!;
    const early = (held: typeof again): number[] => Array.from(held.logits.slice(0, 4 * 48));
    expect(early(again)).toEqual(early(heldOut!));
    expect(again.clock.slice(0, 4 * 48)).toEqual(heldOut!.clock.slice(0, 4 * 48));
    expect(again.baseRate.slice(0, 4 * 48)).toEqual(heldOut!.baseRate.slice(0, 4 * 48));
  });

  test("says what it is: with days too few for it the figures are of the folds, and the report says that they may flatter", () => {
    expect(report.notes[0]).toBe("The figures are of the last 6 days, each foretold by a model chosen and fitted on earlier days alone.");
    const few = trained(selectModel(firstDays(home, 7), OPTIONS));
    expect(few.heldOut!.by).toBe("day-blocked folds");
    expect(few.report.cuts).toEqual([]);
    expect(few.figures!.assessment.perDay).toHaveLength(7);
    expect(few.report.notes[0]).toMatch(/of 7 days, each foretold by a model fitted on the others: .* may flatter/);
    expect(trained(selectModel(firstDays(home, 8), OPTIONS)).heldOut!.by).toBe("walk-forward");
  });

  test("goes through days before which only one class was known: they are answered by the base rate", () => {
    const labels = home.labels.map((label, row) => (home.dayIndex[row]! < 7 ? 0 : label));
    const late = trained(selectModel({ ...home, labels }, OPTIONS));
    expect(late.report.cuts[0]?.recipe).toBe("base rate");
    expect(Number.isFinite(late.figures!.assessment.logLoss)).toBe(true);
  });
});

describe("with few nights", () => {
  test.each([1, 2, 3, 4, 5, 6])(
    "and many sensors that know nothing, home %d gets a model at most a twentieth worse than the clock",
    (seed) => {
      const selected = trained(selectModel(household({ seed, days: 5, signal: 0, noiseSensors: 40 }), OPTIONS));
      const later = household({ seed: seed + 900, days: 60, signal: 0, noiseSensors: 40, firstDay: 50 });
      expect(lossOn(selected, later)).toBeLessThan(1.05 * lossOn({ model: selected.clockModel }, later));
    },
  );

  test("labels permuted among days leave no gain over the clock", () => {
    const home = household({ seed: 8, days: 14, signal: 1.5 });
    const order = shuffled(14, 4);
    const labels = home.labels.map((_, row) => home.labels[order[Math.floor(row / 48)]! * 48 + (row % 48)]!);
    expect(trained(selectModel(home, OPTIONS)).figures!.skillVsClock).toBeGreaterThan(0.3);
    expect(trained(selectModel({ ...home, labels }, OPTIONS)).figures!.skillVsClock).toBeLessThan(0.1);
  });

  test("a single day gives a calm clock and no figures", () => {
    const selected = trained(selectModel(household({ seed: 2, days: 1, signal: 1 }), OPTIONS));
    expect(selected.recipeName).toBe("clock");
    expect(selected.figures).toBeNull();
    expect(selected.model.featureNames.every((name) => name.startsWith("clock:"))).toBe(true);
    expect(selected.report.notes.join()).toMatch(/nothing to hold out/);
  });

  test("days without any positive row are held out too, and a fold that knows one class says its base rate", () => {
    const home = household({ seed: 5, days: 2, signal: 1 });
    const labels = home.labels.map((label, row) => (row < 48 ? 0 : label));
    const selected = trained(selectModel({ ...home, labels }, OPTIONS));
    expect(selected.figures?.assessment.perDay).toHaveLength(2);
    expect(selected.report.notes.join()).toMatch(/1 of 2 folds had one class/);
    expect(Number.isFinite(selected.figures!.assessment.logLoss)).toBe(true);
  });

  test("the scope of the clock uses time of day alone", () => {
    const selected = trained(selectModel(household({ seed: 5, days: 4, signal: 1 }), { ...OPTIONS, scope: "clock" }));
    expect(selected.recipeName).toBe("clock");
    expect(selected.figures!.skillVsClock).toBeCloseTo(0, 6);
    expect(selected.model.featureNames).toHaveLength(4);
  });
});

describe("columns that cannot be learnt from", () => {
  const home = household({ seed: 4, days: 12, signal: 1 });
  const next = seeded(9);
  const odd = withColumns(home, [
    { feature: entity("constant"), cell: () => 21.5 },
    { feature: entity("never there"), cell: () => Number.NaN },
    { feature: entity("one day only"), cell: (row) => (home.dayIndex[row] === 3 ? 1 : 0) },
    { feature: entity("once a week"), cell: (row) => (row === 5 || row === 300 ? 1 : 0) },
    { feature: entity("infinite"), cell: (row) => (row === 40 ? Number.POSITIVE_INFINITY : row) },
    { feature: entity("overflowing"), cell: () => 1e200 * next() },
    { feature: entity("epoch"), cell: (row) => 1.7e15 + row },
    { feature: entity("huge"), cell: () => 1e12 * (next() - 0.5) },
    { feature: entity("half missing"), cell: (row) => (row % 2 === 0 ? Number.NaN : next()) },
  ]);
  const selected = trained(selectModel(odd, OPTIONS));

  test("are left out and named with the reason", () => {
    expect(Object.fromEntries(selected.dropped.map(({ feature, reason }) => [feature, reason]))).toEqual({
      constant: "constant",
      "never there": "no values",
      "one day only": "rare",
      "once a week": "rare",
      infinite: "not finite",
      overflowing: "not finite",
      epoch: "level far above spread",
    });
  });

  test("are left out where folding would cancel digits, and no home is left without a model for that", () => {
    // Broken once: with MAX_LEVEL = 1e6 (prepare.ts) they stay, and a fit on them may end in "fold mismatch".
    const columns = Array.from({ length: 20 }, (_, k) => {
      const draw = seeded(100 + k);
      return { feature: entity(`far ${k}`), cell: () => 6.5e5 + 2 * (draw() - 0.5) * Math.sqrt(3) };
    });
    const far = trained(selectModel(withColumns(home, columns), OPTIONS));
    expect(far.model.featureNames.filter((name) => name.startsWith("far"))).toEqual([]);
    expect(far.dropped.map(({ reason }) => reason)).toContain("level far above spread");
  });

  test("are left out one power of ten sooner where the coefficients of a fit would need the digits that folding cancels", () => {
    // Broken once: without the second try (refit.ts) there is no model, but a "fold mismatch".
    // Two columns that differ in the fourth digit behind their point, by what tells sleep: their coefficients are huge and of opposite sign.
    const draw = seeded(7);
    const untelling = household({ seed: 4, days: 12, signal: 0, noiseSensors: 0 });
    const level = Array.from({ length: untelling.labels.length }, () => 9000 + 2 * (draw() - 0.5) * Math.sqrt(3));
    const twins = withColumns(untelling, [
      { feature: entity("far"), cell: (row) => level[row]! },
      { feature: entity("twin"), cell: (row) => level[row]! + 1e-4 * (untelling.labels[row]! + 3 * draw()) },
    ]);
    const recipe = { kind: "ridge", members: [{ candidate: { ...CLOCK_CANDIDATE, upTo: "entity" }, strength: 1e-9, weight: 1 }] } as const;
    const { model, dropped } = refit(orderRows(twins), recipe, { slope: 1, intercept: 0 });
    expect(dropped.filter(({ reason }) => reason === "level far above spread").map(({ feature }) => feature)).toEqual(["far", "twin"]);
    expect(model.coefficients.every(Number.isFinite)).toBe(true);
  });

  test("leave a finite model, into which huge and half missing columns may enter", () => {
    const { featureNames, coefficients, intercept, imputation, missingShare } = selected.model;
    expect([...coefficients, intercept, ...imputation].every(Number.isFinite)).toBe(true);
    const half = featureNames.indexOf("half missing");
    expect(missingShare[half]).toBeCloseTo(0.5, 2);
    expect(imputation[half]).toBeCloseTo(0.5, 1);
    expect(featureNames).toContain("huge");
    expect(selected.figures!.skillVsClock).toBeGreaterThan(0.2);
  });
});

describe("what a fold learns", () => {
  test("does not change when held-out rows do", () => {
    const home = household({ seed: 6, days: 6, signal: 1 });
    const changed: TrainingRows = {
      ...home,
      design: { ...home.design, columns: home.design.columns.slice() },
      labels: home.labels.slice(),
    };
    const held = Array.from(home.dayIndex.keys()).filter((row) => home.dayIndex[row] === 2);
    for (const row of held) {
      for (let j = 4; j < home.design.cols; j++) changed.design.columns[j * home.design.rows + row] = row % 3 === 0 ? Number.NaN : 50 + row;
      changed.labels[row] = 1 - changed.labels[row]!;
    }
    const foldOf = (rows: TrainingRows) => {
      const ordered = orderRows(rows);
      const validation = prepareValidation(ordered, ordered.rows, 1, { ...OPTIONS, maxFolds: 6 });
      return validation.folds.find(({ fold }) => fold.testDays.includes(2))!;
    };
    const [before, after] = [foldOf(home), foldOf(changed)];
    expect(after.train).toEqual(before.train);
    expect(after.labels).toEqual(before.labels);
    expect(after.priorLogit).toBe(before.priorLogit);
    expect(after.test).not.toEqual(before.test);
  });

  test("is scored on rows that it did not see", () => {
    const ordered = orderRows(household({ seed: 6, days: 6, signal: 0, noiseSensors: 60 }));
    const validation = prepareValidation(ordered, ordered.rows, 1, { ...OPTIONS, maxFolds: 6 });
    const everything = { name: "everything", upTo: "entity", multipliers: [1, 1, 1, 1] } as const;
    const clock = validateRidge(validation, CLOCK_CANDIDATE, STRENGTHS);
    const weak = validateRidge(validation, everything, [1e-3]);
    // 60 sensors of noise fit 6 nights well and predict the next badly.
    expect(logLoss(validation.labels, weak.logits)).toBeGreaterThan(2 * logLoss(validation.labels, clock.logits));
  });
});

describe("the early-stopped candidate", () => {
  const home = household({ seed: 7, days: 4, signal: 1, noiseSensors: 2 });

  test("is tried within its budget and reported beside the pool", () => {
    const { report, recipeName } = trained(selectModel(home, { ...OPTIONS, earlyStopBudget: 1e8 }));
    const { earlyStop } = report;
    if ("skipped" in earlyStop) throw new Error(earlyStop.skipped);
    expect(EARLY_STOPS).toContain(earlyStop.steps);
    // It replaces the pool only when better by more than one standard error.
    expect(earlyStop.gain).toBeLessThan(earlyStop.gainStandardError);
    expect(recipeName).toBe("pool");
  });

  test("is weighed on fewer windows of each day above its budget, and the report says so", () => {
    const { report } = trained(selectModel(home, { ...OPTIONS, earlyStopBudget: 5e5 }));
    // Broken once: with a row stride of at most 4 (early-stop.ts) it is skipped.
    expect(report.earlyStop).toMatchObject({ thinning: { everyRow: expect.any(Number), everyDay: 1 }, path: expect.any(Array) });
    expect(report.notes.join()).toMatch(/early-stopped candidate was weighed on one window in \d+, to stay within its budget/);
  });

  test("is skipped where no thinning helps, and the report says so", () => {
    const { report } = trained(selectModel(home, { ...OPTIONS, earlyStopBudget: 1000 }));
    expect(report.earlyStop).toMatchObject({ skipped: expect.stringMatching(/budget/) });
    expect(report.notes.join()).toMatch(/early-stopped candidate was skipped/);
  });
});

describe("a selection", () => {
  const home = household({ seed: 1, days: 6, signal: 1 });

  test("with one class or no row is skipped with the reason and does not throw", () => {
    expect(selectModel({ ...home, labels: home.labels.map(() => 0) }, OPTIONS)).toEqual({
      status: "skipped",
      reasons: ["all rows are negative: a positive label is missing"],
    });
    expect(selectModel({ ...home, labels: home.labels.map(() => 1) }, OPTIONS)).toMatchObject({ status: "skipped" });
    expect(selectModel(reorderRows(home, []), OPTIONS)).toEqual({ status: "skipped", reasons: ["there are no training rows"] });
  });

  test("without any usable column answers the base rate", () => {
    const bare: TrainingRows = { ...home, features: [], design: { columns: new Float64Array(0), rows: home.labels.length, cols: 0 } };
    const selected = trained(selectModel(bare, OPTIONS));
    const rate = home.labels.reduce((sum, label) => sum + label, 0) / home.labels.length;
    expect(selected.model.coefficients).toEqual([]);
    expect(selected.model.intercept).toBeCloseTo(Math.log(rate / (1 - rate)), 6);
  });

  test("looks at every k-th row of a large home, and its weights keep the meaning of a penalty", () => {
    const large = household({ seed: 12, days: 20, signal: 0.3 });
    const all = trained(selectModel(large, OPTIONS));
    const thinned = trained(selectModel(large, { ...OPTIONS, maxRows: 500 }));
    expect(thinned.report.rowStride).toBe(2);
    const [one, other] = [thinned.report.foldsLogLoss!, all.report.foldsLogLoss!];
    expect(Math.abs(one - other)).toBeLessThan(0.2 * other);
  });

  test("lets a thinned row stand for its neighbours, so that a penalty means what it means on all rows", () => {
    const ordered = orderRows({ ...home, weights: new Float64Array(home.labels.length).fill(0.5) });
    const { rows, stride } = thin(ordered.rows, 100);
    expect(stride).toBe(3);
    const { folds } = prepareValidation(ordered, rows, stride, { ...OPTIONS, maxFolds: 3 });
    for (const { weights } of folds) expect(new Set(weights)).toEqual(new Set([1.5]));
  });

  test("stops when told to, and tells how far it is", () => {
    const steps: string[] = [];
    const stop = () =>
      selectModel(home, { ...OPTIONS, onProgress: (_done, _total, step) => steps.push(step), shouldStop: () => steps.length > 2 });
    expect(stop).toThrow(ClrFault);
    expect(steps).toEqual(["candidate: clock", "candidate: home", "candidate: area"]);
  });

  test("refuses arrays whose lengths do not match", () => {
    expect(() => selectModel({ ...home, dayIndex: new Int32Array(3) }, OPTIONS)).toThrow(/rows/);
  });
});
