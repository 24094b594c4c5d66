import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONTRACT_NAMES, contractColumns, contractProblems, describeContractProblem } from "../../src/core/contracts/contract.ts";
import { CONTRACT_ROWS } from "../../src/core/contracts/rows.ts";
import { GAP_REASONS } from "../../src/core/events/gap.ts";

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

test("every reason of a gap is named where vw_gaps is promised, and no other passes its row schema", () => {
  const texts = ["vw_gaps.sql", "CHANGELOG.md"].map((name) => readFileSync(new URL(`../../contracts/${name}`, import.meta.url), "utf8"));
  for (const text of texts) expect(GAP_REASONS.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
  const { reason } = CONTRACT_ROWS.vw_gaps.shape;
  expect(GAP_REASONS.filter((each) => !reason.safeParse(each).success)).toEqual([]);
  expect(reason.safeParse("a reason of its own").success).toBe(false);
});
