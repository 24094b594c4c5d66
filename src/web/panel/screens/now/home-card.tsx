import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { heard } from "../../client/live.ts";
import { Card } from "../../parts/card.tsx";
import { Time } from "../../parts/time.tsx";
import { bytes, count } from "../../words/numbers.ts";
import { duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";

/** What comes in, what was stored, and what was found lately. */
export function HomeCard({ overview }: { readonly overview: Asked<OverviewBody> }) {
  const say = words.now.home;
  return (
    <Card title={say.title} asked={overview} height={220}>
      {({ health, events, entities, backfill }) => {
        const total = heard.ingest.value?.eventsTotal ?? events.total;
        return (
          <>
            <dl class="facts">
              <dt>{say.events}</dt>
              <dd>{total === 0 ? say.noEvents : say.eventCount(count(events.today), count(total))}</dd>
              <dt>{say.entities}</dt>
              <dd>{entities.total === 0 ? say.noEntities : say.entityCount(count(entities.total), count(entities.withEvents))}</dd>
              <dt>{say.connection}</dt>
              <dd>
                {health.connection === "connected" ? say.connected : say.notConnected}
                {health.connection === "connected" && health.connectedSinceUtc !== null && (
                  <>
                    {" "}
                    <Time utc={health.connectedSinceUtc} />
                  </>
                )}
              </dd>
              <dt>{say.file}</dt>
              <dd>{bytes(health.databaseBytes)}</dd>
            </dl>
            {backfill !== null && (
              <div class="backfill">
                <progress max={backfill.totalDays} value={backfill.fetchedDays} aria-label={say.history} />
                <p>
                  {say.fetching(
                    count(Math.floor(backfill.fetchedDays)),
                    count(Math.ceil(backfill.totalDays)),
                    count(backfill.rows),
                    backfill.leftMs === null ? null : duration(backfill.leftMs),
                  )}
                </p>
              </div>
            )}
          </>
        );
      }}
    </Card>
  );
}
