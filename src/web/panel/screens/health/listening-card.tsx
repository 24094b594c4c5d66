import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { heard } from "../../client/live.ts";
import { Card } from "../../parts/card.tsx";
import { Time } from "../../parts/time.tsx";
import { count } from "../../words/numbers.ts";
import { duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";

/** Whether Home Assistant is heard, and how far its history has been fetched. */
export function ListeningCard({ overview }: { readonly overview: Asked<OverviewBody> }) {
  const say = words.health.listening;
  return (
    <Card title={say.title} asked={overview} height={160}>
      {({ health, events, backfill }) => {
        const lastUtc = heard.ingest.value?.lastEventAtUtc ?? health.lastEventAtUtc;
        return (
          <dl class="facts">
            <dt>{say.connection}</dt>
            <dd>
              {health.connection === "connected" ? say.connected : say.notConnected}{" "}
              {health.connection === "connected" && health.connectedSinceUtc !== null && <Time utc={health.connectedSinceUtc} />}
            </dd>
            <dt>{say.last}</dt>
            <dd>{lastUtc === null ? say.none : <Time utc={lastUtc} as="ago" />}</dd>
            <dt>{say.events}</dt>
            <dd>{count(heard.ingest.value?.eventsTotal ?? events.total)}</dd>
            <dt>{say.history}</dt>
            <dd>
              {backfill === null ? (
                events.total === 0 ? (
                  say.historyNone
                ) : (
                  say.historyDone
                )
              ) : (
                <>
                  {say.historyOf[backfill.phase]}
                  <progress max={backfill.totalDays} value={backfill.fetchedDays} aria-label={say.history} />
                  {say.progress(
                    count(Math.floor(backfill.fetchedDays)),
                    count(Math.ceil(backfill.totalDays)),
                    count(backfill.rows),
                    backfill.leftMs === null ? null : duration(backfill.leftMs),
                  )}
                </>
              )}
            </dd>
          </dl>
        );
      }}
    </Card>
  );
}
