import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { may } from "../../client/session.ts";
import { Card } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { JobControl, useJobs } from "../../parts/job-run.tsx";
import { MayNot } from "../../parts/may-not.tsx";
import { Time } from "../../parts/time.tsx";
import { at, duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { Outcome } from "./outcome.tsx";

type LastRun = NonNullable<OverviewBody["health"]["jobs"][number]["lastRun"]>;

/** Each job with when it runs next and how its last run went. */
export function JobCard({ overview }: { readonly overview: Asked<OverviewBody> }) {
  const say = words.health.jobs;
  const jobs = useJobs();
  const last = new Map((overview.data?.health.jobs ?? []).map(({ job, lastRun }) => [job, lastRun]));
  return (
    <Card title={say.title} asked={jobs} height={360} empty={({ total }) => (total === 0 ? <p>{say.none}</p> : null)}>
      {({ items }) => (
        <>
          <ul class="rows jobs">
            {items.map(({ job, dueAtUtc, runningSinceUtc }) => {
              const name = say.names[job] ?? job;
              const run = last.get(job) ?? null;
              return (
                <li key={job}>
                  <div>
                    <h3>{name}</h3>
                    <p class="second">
                      {say.next}: {dueAtUtc === null ? say.notPlanned : <Time utc={dueAtUtc} as="until" />}
                    </p>
                    <p class="second">
                      {say.last}: {run === null ? say.never : <Run run={run} />}
                    </p>
                  </div>
                  {may("admin") && (
                    <JobControl
                      job={job}
                      label={runningSinceUtc === null ? say.runShort : name}
                      name={say.run(name)}
                      asked={jobs}
                      onEnd={overview.retry}
                    />
                  )}
                </li>
              );
            })}
          </ul>
          <MayNot />
        </>
      )}
    </Card>
  );
}

function Run({ run: { startedAtUtc, finishedAtUtc, status, error } }: { readonly run: LastRun }) {
  return (
    <>
      {startedAtUtc !== null && <Time utc={startedAtUtc} as="ago" />}
      {startedAtUtc !== null && finishedAtUtc !== null && <> ({duration(at(finishedAtUtc) - at(startedAtUtc))})</>},{" "}
      <Outcome status={status} />
      {error !== null && (
        <>
          {" "}
          <ServerText text={error} />
        </>
      )}
    </>
  );
}
