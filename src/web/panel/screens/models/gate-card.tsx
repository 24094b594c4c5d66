import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { Card } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { Gates } from "../../parts/gates.tsx";
import { JobRun } from "../../parts/job-run.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { words } from "../../words/words.ts";

interface GateCardProps {
  readonly target: string;
  readonly overview: Asked<OverviewBody>;
  readonly again: () => void;
}

/** How far this target has come, what the next stage needs, and a training for who does not want to wait. */
export function GateCard({ target, overview, again }: GateCardProps) {
  const say = words.models.gates;
  return (
    <Card title={say.title} asked={overview} height={320}>
      {({ targets, health }) => {
        const found = targets.find(({ name }) => name === target);
        const readiness = found?.readiness ?? null;
        const isWhole = readiness?.gates.every(({ met }) => met) ?? false;
        const next = health.jobs.find(({ job }) => job === "train")?.nextDueAtUtc ?? null;
        return (
          <>
            <p class="lead">{words.stages[readiness?.stage ?? found?.prediction.stage ?? "none"]}</p>
            {readiness === null ? (
              <p>{found?.labelCount === 0 ? say.noLabels : words.now.missing.notLooked}</p>
            ) : (
              <>
                <h3>{isWhole ? say.all : say.next}</h3>
                <Gates gates={readiness.gates} />
                {readiness.missing.length > 0 && isWhole && (
                  <ul class="notes">
                    {readiness.missing.map((each) => (
                      <li key={each}>
                        <ServerText text={each} />
                      </li>
                    ))}
                  </ul>
                )}
                {readiness.drift !== undefined && (
                  <p class="degraded">
                    <ServerText text={readiness.drift} />
                  </p>
                )}
              </>
            )}
            <div class="train">
              <JobRun job="train" label={say.train} isPrimary onEnd={again} />
              <p class="second">
                {say.daily} {next !== null && <Time utc={next} as="until" />}
              </p>
              {!isWhole && (
                <p>
                  <a href={hrefOf("/labels", { target })}>{say.labels}</a>
                </p>
              )}
            </div>
          </>
        );
      }}
    </Card>
  );
}
