import type { OverviewBody } from "../../../api/routes.ts";
import { hrefOf } from "../../shell/route.ts";
import { words } from "../../words/words.ts";
import { currentStep, stepsOf } from "../first-run/steps.ts";

/** One line that leads to the first steps until all are done. */
export function FirstSteps({ overview, target }: { readonly overview: OverviewBody; readonly target: string }) {
  const steps = stepsOf(overview, target);
  const next = currentStep(steps);
  if (next === null) return null;
  const done = steps.filter(({ isDone }) => isDone).length;
  return (
    <p class="first-steps">
      <a href={hrefOf("/first-run")}>{words.nav["first-run"]}</a> {words.now.steps(done, steps.length, words.firstRun.steps[next])}
    </p>
  );
}
