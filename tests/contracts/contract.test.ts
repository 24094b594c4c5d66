import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONTRACT_NAMES, contractColumns, contractProblems, describeContractProblem } from "../../src/core/contracts/contract.ts";

const promised = () => new Map(CONTRACT_NAMES.map((view) => [view as string, contractColumns(view)]));
const anyView = fc.constantFrom(...CONTRACT_NAMES);

describe("comparing columns with the promise", () => {
  test("nothing is wrong when every view has its columns, whatever other views there are", () => {
    expect(contractProblems(promised().set("vw_somebody_elses", ["a"]))).toEqual([]);
  });

  test("any other order of a view's columns is a problem of that view alone", () => {
    const shuffled = anyView.chain((view) =>
      fc.tuple(fc.constant(view), fc.shuffledSubarray([...contractColumns(view)], { minLength: contractColumns(view).length })),
    );
    fc.assert(
      fc.property(shuffled, ([view, columns]) => {
        const isSame = columns.every((column, index) => column === contractColumns(view)[index]);
        const problems = contractProblems(promised().set(view, columns));
        expect(problems.map((problem) => [problem.view, problem.reason])).toEqual(isSame ? [] : [[view, "wrong order"]]);
      }),
    );
  });

  test("a column that is gone is named", () => {
    fc.assert(
      fc.property(anyView, fc.nat(), (view, choice) => {
        const columns = contractColumns(view);
        const gone = columns[choice % columns.length]!;
        const problems = contractProblems(
          promised().set(
            view,
            columns.filter((column) => column !== gone),
          ),
        );
        expect(problems).toEqual([{ view, reason: "missing column", columns: [gone] }]);
      }),
    );
  });

  test("a column that nobody promised is named, a doubled one too", () => {
    const [view] = CONTRACT_NAMES;
    const columns = contractColumns(view!);
    for (const extra of ["secret", columns[0]!]) {
      const problems = contractProblems(promised().set(view!, [...columns, extra]));
      expect(problems).toEqual([{ view, reason: "unknown column", columns: [extra] }]);
    }
  });

  test("a view that is gone is said in one line", () => {
    const found = promised();
    found.delete("vw_gaps");
    expect(contractProblems(found).map(describeContractProblem)).toEqual(["vw_gaps: missing view"]);
    found.set("vw_gaps", ["entity_id", "from_utc"]);
    expect(contractProblems(found).map(describeContractProblem)).toEqual([
      "vw_gaps: missing column: to_utc, reason, outcome, why, entities_unfilled",
    ]);
  });
});
