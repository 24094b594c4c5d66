import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnOf, logitsOf } from "../../../../src/core/models/clr/design.ts";
import { ClrFault } from "../../../../src/core/models/clr/fault.ts";
import { fitRidge, type RidgeFit, ridgePath } from "../../../../src/core/models/clr/fit-ridge.ts";
import { foldToRaw, scalingOf, standardise } from "../../../../src/core/models/clr/scaling.ts";
import { distance } from "./golden.ts";
import { seeded, shuffled, simulate, takeColumns, takeRows } from "./problems.ts";

const penaltiesOf = (cols: number, lambda: number): Float64Array => new Float64Array(cols).fill(lambda);

function expectSame(actual: RidgeFit, expected: RidgeFit, tolerance = 1e-8): void {
  expect(distance(actual.coefficients, expected.coefficients)).toBeLessThan(tolerance);
  expect(distance([actual.intercept], [expected.intercept])).toBeLessThan(tolerance);
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  rows: fc.integer({ min: 12, max: 150 }),
  cols: fc.integer({ min: 1, max: 9 }),
  lambda: fc.double({ min: 0.05, max: 50, noNaN: true }),
});

describe("the ridge fit", () => {
  test("does not depend on the order of the rows", () => {
    fc.assert(
      fc.property(cases, ({ seed, rows, cols, lambda }) => {
        const data = simulate(seed, rows, cols);
        const penalties = penaltiesOf(cols, lambda);
        expectSame(fitRidge({ ...takeRows(data, shuffled(rows, seed)), penalties }), fitRidge({ ...data, penalties }));
      }),
      { numRuns: 40 },
    );
  });

  test("takes a row given twice for a row of weight two", () => {
    fc.assert(
      fc.property(cases, ({ seed, rows, cols, lambda }) => {
        const data = simulate(seed, rows, cols);
        const next = seeded(seed);
        const copies = Array.from({ length: rows }, () => 1 + Math.floor(next() * 3));
        const repeated = copies.flatMap((count, row) => new Array<number>(count).fill(row));
        const penalties = penaltiesOf(cols, lambda);
        expectSame(
          fitRidge({ ...takeRows(data, repeated), penalties }),
          fitRidge({ ...data, weights: Float64Array.from(copies), penalties }),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("takes a row of weight zero for no row", () => {
    fc.assert(
      fc.property(cases, ({ seed, rows, cols, lambda }) => {
        const data = simulate(seed, rows, cols);
        const next = seeded(seed);
        const weights = Float64Array.from({ length: rows }, (_, row) => (row > 1 && next() < 0.4 ? 0 : 1));
        const kept = Array.from(weights.keys()).filter((row) => weights[row] === 1);
        const penalties = penaltiesOf(cols, lambda);
        expectSame(fitRidge({ ...data, weights, penalties }), fitRidge({ ...takeRows(data, kept), penalties }));
      }),
      { numRuns: 40 },
    );
  });

  test("moves its coefficients with its columns", () => {
    fc.assert(
      fc.property(cases, ({ seed, rows, cols, lambda }) => {
        const { design, labels } = simulate(seed, rows, cols);
        const order = shuffled(cols, seed);
        const penalties = Float64Array.from({ length: cols }, (_, j) => lambda * (1 + (j % 4)));
        const fit = fitRidge({ design, labels, penalties });
        const moved = fitRidge({ design: takeColumns(design, order), labels, penalties: Float64Array.from(order, (j) => penalties[j]!) });
        expectSame(moved, { ...fit, coefficients: Float64Array.from(order, (j) => fit.coefficients[j]!) });
      }),
      { numRuns: 40 },
    );
  });

  test("gives the same probabilities whatever the units of a column", () => {
    fc.assert(
      fc.property(
        cases,
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (shape, power, shift) => {
          const { design, labels } = simulate(shape.seed, shape.rows, shape.cols);
          const scaled = { ...design, columns: design.columns.slice() };
          const column = columnOf(scaled, 0);
          for (let i = 0; i < column.length; i++) column[i] = 10 ** power * (column[i]! + shift);
          const [before, after] = [design, scaled].map((raw) => {
            const scaling = scalingOf(raw);
            const fit = fitRidge({ design: standardise(raw, scaling), labels, penalties: penaltiesOf(raw.cols, shape.lambda) });
            const folded = foldToRaw(fit, scaling);
            return logitsOf(raw, folded.coefficients, folded.intercept);
          });
          expect(distance(after!, before!)).toBeLessThan(1e-7);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("shrinks a column to nothing as its penalty grows, and no other", () => {
    const { design, labels } = simulate(5, 300, 4);
    const alone = fitRidge({ design: takeColumns(design, [1, 2, 3]), labels, penalties: penaltiesOf(3, 1) });
    const fit = fitRidge({ design, labels, penalties: Float64Array.of(1e12, 1, 1, 1) });
    expect(Math.abs(fit.coefficients[0]!)).toBeLessThan(1e-8);
    expect(distance(fit.coefficients.slice(1), alone.coefficients)).toBeLessThan(1e-6);
  });

  test("is the same by Newton as by a subsampled Hessian, also where one class is rare", () => {
    for (const [seed, intercept] of [
      [3, -0.5],
      [4, -5.5],
    ] as const) {
      const data = simulate(seed, 9000, 12, intercept);
      const penalties = penaltiesOf(12, 1);
      const newton = fitRidge({ ...data, penalties }, { method: "newton" });
      const sampled = fitRidge({ ...data, penalties }, { method: "subsampled" });
      expect(newton.hasConverged && sampled.hasConverged).toBe(true);
      expectSame(sampled, newton, 1e-6);
    }
  });

  test("chooses the subsampled Hessian for a large design by itself", () => {
    expect(fitRidge({ ...simulate(7, 6000, 10), penalties: penaltiesOf(10, 1) }).method).toBe("subsampled");
    expect(fitRidge({ ...simulate(7, 600, 10), penalties: penaltiesOf(10, 1) }).method).toBe("newton");
  });

  test("comes to an end where repeated columns or separable classes leave the optimum open", () => {
    const { design, labels } = simulate(9, 80, 2);
    const doubled = takeColumns(design, [0, 0, 1, 1]);
    expect(fitRidge({ design: doubled, labels, penalties: new Float64Array(4) }).hasConverged).toBe(true);
    const split = { columns: Float64Array.from(labels, (label) => label * 2 - 1), rows: 80, cols: 1 };
    const fit = fitRidge({ design: split, labels, penalties: new Float64Array(1) }, { maxIterations: 60 });
    expect(Number.isFinite(fit.objective)).toBe(true);
    expect(fit.objective).toBeLessThan(1e-6);
  });
});

describe("a path of strengths", () => {
  test("gives at each strength what a fit of its own gives", () => {
    const data = simulate(11, 400, 15);
    const lambdas = [300, 30, 3, 0.3, 0.03];
    const path = [
      ...ridgePath(
        data,
        lambdas.map((lambda) => penaltiesOf(15, lambda)),
      ),
    ];
    for (const [k, lambda] of lambdas.entries()) expectSame(path[k]!, fitRidge({ ...data, penalties: penaltiesOf(15, lambda) }), 1e-7);
  });

  test("fits no further than it is asked", () => {
    const data = simulate(11, 200, 3);
    let asked = 0;
    function* penalties() {
      for (const lambda of [10, 1, 0.1]) {
        asked++;
        yield penaltiesOf(3, lambda);
      }
    }
    expect(ridgePath(data, penalties()).next().value?.hasConverged).toBe(true);
    expect(asked).toBe(1);
  });
});

describe("a fit refuses", () => {
  const data = simulate(13, 50, 3);
  const penalties = penaltiesOf(3, 1);
  const codeOf = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      return error instanceof ClrFault ? error.code : String(error);
    }
    return undefined;
  };

  test("labels of one class, also when the other has no weight", () => {
    expect(codeOf(() => fitRidge({ ...data, labels: new Uint8Array(50), penalties }))).toBe("one class");
    const weights = Float64Array.from(data.labels, (label) => (label === 1 ? 0 : 1));
    expect(codeOf(() => fitRidge({ ...data, weights, penalties }))).toBe("one class");
  });

  test("cells, weights and penalties that are not finite or negative", () => {
    const spoiled = { ...data.design, columns: data.design.columns.slice() };
    spoiled.columns[17] = Number.NaN;
    expect(codeOf(() => fitRidge({ ...data, design: spoiled, penalties }))).toBe("not finite");
    expect(codeOf(() => fitRidge({ ...data, weights: new Float64Array(50).fill(-1), penalties }))).toBe("not finite");
    expect(codeOf(() => fitRidge({ ...data, penalties: penaltiesOf(3, Number.NaN) }))).toBe("not finite");
  });

  test("labels other than 0 and 1, and lengths that do not match", () => {
    expect(codeOf(() => fitRidge({ ...data, labels: data.labels.map((label) => label + 1), penalties }))).toBe("shape mismatch");
    expect(codeOf(() => fitRidge({ ...data, penalties: penaltiesOf(2, 1) }))).toBe("shape mismatch");
  });

  test("to go on when it is told to stop, and says how far it has come before", () => {
    let steps = 0;
    const stopped = () => fitRidge({ ...data, penalties }, { shouldStop: () => steps >= 2, onProgress: () => steps++ });
    expect(codeOf(stopped)).toBe("cancelled");
    expect(steps).toBe(2);
  });
});
