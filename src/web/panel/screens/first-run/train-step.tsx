import type { OverviewBody } from "../../../api/routes.ts";
import { Gates } from "../../parts/gates.tsx";
import { JobRun } from "../../parts/job-run.tsx";
import { hrefOf } from "../../shell/route.ts";
import { percent } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";

interface TrainStepProps {
  readonly overview: OverviewBody;
  readonly target: string;
  readonly retry: () => void;
}

/** The first training and the way to a model that may be trusted. */
export function TrainStep({ overview, target, retry }: TrainStepProps) {
  const say = words.firstRun.train;
  const found = overview.targets.find(({ name }) => name === target);
  const { prediction, readiness } = found ?? { prediction: null, readiness: null };
  const probability = prediction?.probability ?? null;
  return (
    <>
      <p>
        {probability === null || prediction === null
          ? say.none
          : say.stage(words.stages[prediction.stage ?? "none"] ?? "", percent(probability))}
      </p>
      {readiness !== null && <Gates gates={readiness.gates} />}
      <p class="second">{say.daily}</p>
      <JobRun job="train" label={say.now} onEnd={retry} />
      <p>
        <a href={hrefOf("/models")}>{words.nav.models}</a>
      </p>
    </>
  );
}
