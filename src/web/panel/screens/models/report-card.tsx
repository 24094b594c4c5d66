import { ServerText } from "../../parts/fault-note.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { featureInWords } from "../../words/features.ts";
import { count, figure, scoreText, share } from "../../words/numbers.ts";
import { DAY_MS, dayText } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { mannerOf, readReport } from "./report.ts";
import { ModelCard, type Shown } from "./shown.tsx";

/** How good a model was on days that it had not seen, in words first. */
export function ReportCard({ shown }: { readonly shown: Shown }) {
  const say = words.models.report;
  return (
    <ModelCard title={(model) => (model === null ? say.title : say.of(model.modelVersion))} shown={shown} height={360}>
      {({ createdAtUtc, serves, stage, reason, dayCount, report: document, artifact }) => {
        const report = readReport(document);
        const { rows, positives } = (artifact["training"] ?? {}) as { rows?: number; positives?: number };
        const manner = mannerOf(report.slope);
        return (
          <>
            <p class="lead">
              {serves ? say.serves : say.stored} {say.made} <Time utc={createdAtUtc} />.
            </p>
            <ul class="notes">
              <li>{words.stages[stage]}.</li>
              {rows !== undefined && positives !== undefined && <li>{say.learned(count(dayCount), count(rows), count(positives))}</li>}
              {report.logLoss === null ? (
                <li>{say.notJudged}</li>
              ) : (
                <>
                  {report.skillVsClock !== null && <li>{skill(say.betterThanClock, say.noBetterThanClock, report.skillVsClock)}</li>}
                  {report.skillVsBaseRate !== null && <li>{skill(say.betterThanRate, say.noBetterThanRate, report.skillVsBaseRate)}</li>}
                  <li>{say.manner[manner]}</li>
                </>
              )}
              {reason !== null && (
                <li>
                  {serves ? say.whyServes : say.whyNot} <ServerText text={reason} />
                </li>
              )}
              {report.missing.map((each) => (
                <li key={each}>
                  {say.missing} <ServerText text={each} />
                </li>
              ))}
              {report.drifted.length > 0 && (
                <li>{say.drifted(report.drifted.slice(0, 3).map(featureInWords).join("; "), report.drifted.length)}</li>
              )}
            </ul>
            {report.logLoss !== null && (
              <dl class="facts">
                <dt>{say.logLoss}</dt>
                <dd>{scoreText(report.logLoss)}</dd>
                <dt>{say.brier}</dt>
                <dd>{scoreText(report.brier)}</dd>
                <dt>{say.auc}</dt>
                <dd>{scoreText(report.auc)}</dd>
                <dt>{say.averagePrecision}</dt>
                <dd>{scoreText(report.averagePrecision)}</dd>
                <dt>{say.ece}</dt>
                <dd>{report.ece === null ? "–" : share(report.ece)}</dd>
                <dt>{say.slope}</dt>
                <dd>{figure(report.slope)}</dd>
                {report.nights !== null && (
                  <>
                    <dt>{say.nightStart}</dt>
                    <dd>{off(report.nights.start)}</dd>
                    <dt>{say.nightEnd}</dt>
                    <dd>{off(report.nights.end)}</dd>
                    <dt>{say.nights}</dt>
                    <dd>{say.nightsFound(count(report.nights.nights), count(report.nights.missed), count(report.nights.invented))}</dd>
                  </>
                )}
              </dl>
            )}
            {report.hardest.length > 0 && (
              <>
                <h3>{say.hardest}</h3>
                <p class="hardest">
                  {report.hardest.map(({ day, logLoss }) => {
                    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
                    return (
                      <a key={day} href={hrefOf(`/timeline/${date}`)}>
                        {dayText(Date.parse(`${date}T12:00:00Z`))} ({scoreText(logLoss)})
                      </a>
                    );
                  })}
                </p>
              </>
            )}
            {report.notes.length > 0 && (
              <details>
                <summary>{say.notes}</summary>
                <ul class="notes">
                  {report.notes.map((note) => (
                    <li key={note}>
                      <ServerText text={note} />
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </>
        );
      }}
    </ModelCard>
  );
}

function off(minutes: { readonly median: number; readonly worst: number } | null): string {
  return minutes === null ? "–" : words.models.report.minutesOff(count(Math.round(minutes.median)), count(Math.round(minutes.worst)));
}

function skill(better: (by: string) => string, worse: (by: string) => string, value: number): string {
  return value > 0 ? better(share(value)) : worse(share(-value));
}
