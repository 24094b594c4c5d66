import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { Card } from "../../parts/card.tsx";
import { Time } from "../../parts/time.tsx";
import { bytes } from "../../words/numbers.ts";
import { duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { forecastOf } from "./disk.ts";

/** What the file takes, how it grows, and how large it will be. */
export function DiskCard({ overview }: { readonly overview: Asked<OverviewBody> }) {
  const say = words.health.disk;
  const aDay = (size: number | null): string => (size === null ? say.none : say.aDay(bytes(size)));
  const known = (size: number | null): string => (size === null ? say.none : bytes(size));
  return (
    <Card title={say.title} asked={overview} height={260}>
      {({ health }) => {
        const forecast = forecastOf(health);
        const { lastBackupAtUtc, lastBackupBytes } = health;
        return (
          <>
            {forecast === null ? (
              <p>{say.noForecast}</p>
            ) : (
              <>
                <progress value={forecast.share} max={1} aria-label={say.share} />
                <p>
                  {forecast.reachedInMs === null
                    ? say.forecast(bytes(forecast.mostBytes))
                    : say.forecastIn(bytes(forecast.mostBytes), duration(forecast.reachedInMs))}
                </p>
                {forecast.isTooLarge && <p class="degraded">{say.tooLarge}</p>}
              </>
            )}
            <dl class="facts">
              <dt>{say.file}</dt>
              <dd>{known(health.databaseBytes)}</dd>
              <dt>{say.unused}</dt>
              <dd>{known(health.unusedBytes)}</dd>
              <dt>{say.log}</dt>
              <dd>{known(health.logBytes)}</dd>
              <dt>{say.growth}</dt>
              <dd>{aDay(health.growthBytesPerDay)}</dd>
              <dt>{say.perEvent}</dt>
              <dd>{known(health.bytesPerEvent)}</dd>
              <dt>{say.written}</dt>
              <dd>{aDay(health.writtenBytesPerDay)}</dd>
              <dt>{say.free}</dt>
              <dd>{known(health.diskFreeBytes)}</dd>
              <dt>{say.backup}</dt>
              <dd>
                {lastBackupAtUtc === null ? say.noBackup : <Time utc={lastBackupAtUtc} />}
                {lastBackupBytes !== null && `, ${bytes(lastBackupBytes)}`}
              </dd>
            </dl>
          </>
        );
      }}
    </Card>
  );
}
