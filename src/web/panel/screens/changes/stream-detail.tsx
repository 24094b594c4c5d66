import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { hrefOf } from "../../shell/route.ts";
import { percent } from "../../words/numbers.ts";
import { titleOf } from "../../words/subject.ts";
import { words } from "../../words/words.ts";
import { HeatCard } from "./heat-card.tsx";
import { ReportRow } from "./report-row.tsx";
import { MuteButton, Muted, standingOf } from "./stream-row.tsx";
import { runsByDay, type Stream, summaryOf } from "./subject.ts";

const MOST_REPORTS = 50;

/** One stream: how it stands, what was thought of it step by step, and what was told of it. */
export function StreamDetail({ name }: { readonly name: string }) {
  const say = words.changes.one;
  const asked = useAsked(
    `stream ${name}`,
    async (signal) => {
      const [{ items }, reports] = await Promise.all([
        get("/streams", { query: { stream: name, limit: 1 }, signal }),
        get("/changes", { query: { stream: name, limit: MOST_REPORTS }, signal }),
      ]);
      return { stream: items[0] ?? null, reports: reports.items };
    },
    ["health"],
  );
  const stream = asked.data?.stream ?? null;
  const back = (
    <a class="button" href={hrefOf("/changes")}>
      {say.all}
    </a>
  );
  return (
    <div class="cards">
      <Card
        title={stream === null ? words.nav.changes : titleOf(stream)}
        asked={asked}
        height={200}
        class="wide"
        actions={back}
        empty={(found) => (found.stream === null ? <Empty>{say.gone(name)}</Empty> : null)}
      >
        {(found) => <Standing stream={found.stream!} />}
      </Card>
      {stream !== null && <HeatCard key={name} stream={stream} />}
      <Card
        title={say.reports}
        asked={asked}
        class="wide"
        empty={({ reports }) => (reports.length === 0 ? <Empty>{say.noReports}</Empty> : null)}
      >
        {({ reports }) => (
          <ul class="change-list">
            {reports.map((report) => (
              <ReportRow key={report.id} report={report} isAlone />
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

function Standing({ stream }: { readonly stream: Stream }) {
  const say = words.changes.one;
  const { runs } = summaryOf(stream);
  return (
    <>
      <p class="lead">{standingOf(stream)}</p>
      <Muted stream={stream} />
      {runs.length > 0 && (
        <>
          <h3>{say.runs}</h3>
          <ul class="runs">
            {runsByDay(runs).map(({ date, probability }) => (
              <li key={date}>{say.run(date, percent(probability))}</li>
            ))}
          </ul>
        </>
      )}
      <p class="actions">
        <MuteButton stream={stream} />
      </p>
    </>
  );
}
