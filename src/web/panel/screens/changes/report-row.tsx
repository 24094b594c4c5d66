import { nowMs } from "../../client/clock.ts";
import { ChangeWords } from "../../parts/change-words.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { percent } from "../../words/numbers.ts";
import { titleOf } from "../../words/subject.ts";
import { at, DAY_MS, dateText, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { answerReport, type ChangeAnswer } from "./change-writes.ts";
import { Levels } from "./levels.tsx";
import type { Report } from "./subject.ts";

/** One change of habit: in words, what a person says of it, and where to look. */
export function ReportRow({ report, isAlone = false }: { readonly report: Report; readonly isAlone?: boolean }) {
  const say = words.changes.reports;
  const title = titleOf(report);
  const { answer, withdrawnAtUtc, isMuted } = report;
  return (
    <li class="change" data-state={withdrawnAtUtc !== null ? "withdrawn" : (answer ?? "open")}>
      <p class="lead">
        <ChangeWords change={report} />
      </p>
      <Levels of={report} before={report.beforeMean} after={report.afterMean} />
      <p class="second">
        {percent(report.probability)} · {say.began(dateText(at(report.startLowUtc)), dateText(at(report.startHighUtc)))} · {say.seen}{" "}
        <Time utc={report.detectedAtUtc} />
      </p>
      <State report={report} />
      <p class="actions">
        <Answer report={report} answer="confirmed" label={say.right} name={say.rightOf(title)} />
        <Answer report={report} answer="rejected" label={say.wrong} name={say.wrongOf(title)} />
        <a class="button" href={timelineOf(report)}>
          {say.timeline}
        </a>
        {!isAlone && (
          <a class="button" href={hrefOf(`/changes/${encodeURIComponent(report.stream)}`)}>
            {say.stream}
          </a>
        )}
      </p>
      {isMuted && <p class="second">{say.states.muted}</p>}
    </li>
  );
}

function State({ report: { answer, answeredBy, answeredAtUtc, withdrawnAtUtc } }: { readonly report: Report }) {
  const say = words.changes.reports.states;
  return (
    <>
      {withdrawnAtUtc !== null && <p>{say.withdrawn(stamp(at(withdrawnAtUtc)))}</p>}
      {(answer === "confirmed" || answer === "rejected") && answeredAtUtc !== null && (
        <p>
          <span class="change-mark" aria-hidden="true">
            {answer === "confirmed" ? "✓" : "✗"}
          </span>{" "}
          {say[answer](answeredBy ?? "", stamp(at(answeredAtUtc)))}
        </p>
      )}
    </>
  );
}

interface AnswerProps {
  readonly report: Report;
  readonly answer: Exclude<ChangeAnswer, null>;
  readonly label: string;
  readonly name: string;
}

/** A button that stays down once it was said; pressed again it takes that back. */
function Answer({ report, answer, label, name }: AnswerProps) {
  const isSaid = report.answer === answer;
  return (
    <button
      type="button"
      class={isSaid ? "primary" : undefined}
      aria-pressed={isSaid}
      aria-label={name}
      onClick={() => void answerReport(report, isSaid ? null : answer)}
    >
      {label}
    </button>
  );
}

/** The interval in which it began and a day on either side; where that is longer than a week, a week about the likeliest instant, in which states can be seen. */
function timelineOf({ changeAtUtc, startLowUtc, startHighUtc }: Report): string {
  const middle = at(changeAtUtc);
  const isShort = at(startHighUtc) - at(startLowUtc) <= 5 * DAY_MS;
  const from = isShort ? at(startLowUtc) - DAY_MS : middle - 3.5 * DAY_MS;
  const to = Math.min(Math.max(nowMs(), middle + DAY_MS), isShort ? at(startHighUtc) + DAY_MS : middle + 3.5 * DAY_MS);
  const minute = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16)}Z`;
  return hrefOf("/timeline", { from: minute(from), to: minute(to), at: minute(middle) });
}
