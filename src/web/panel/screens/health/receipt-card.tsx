import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get, type Item } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { More } from "../../parts/more.tsx";
import { Time } from "../../parts/time.tsx";
import { count } from "../../words/numbers.ts";
import { at, duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { Outcome } from "./outcome.tsx";

const PART = 10;

/** What became of every due run, the latest first. */
export function ReceiptCard() {
  const say = words.health.receipts;
  const [job, setJob] = useState("");
  const [status, setStatus] = useState("");
  const [limit, setLimit] = useState(PART);
  const asked = useAsked(
    `receipts ${job} ${status} ${limit}`,
    (signal) => get("/schedules/receipts", { query: { job: job || undefined, status: status || undefined, limit }, signal }),
    ["health"],
  );
  const choose = (set: (value: string) => void) => (value: string) => {
    set(value);
    setLimit(PART);
  };
  const isAll = job === "" && status === "";
  return (
    <Card title={say.title} asked={asked} height={400} empty={({ total }) => (total === 0 && isAll ? <p>{say.none}</p> : null)}>
      {({ items, total }) => (
        <>
          <p class="choices">
            <Choice
              label={say.job}
              value={job}
              options={[["", say.all], ...Object.entries(words.health.jobs.names)]}
              choose={choose(setJob)}
            />
            <Choice
              label={say.status}
              value={status}
              options={[["", say.all], ...Object.entries(say.statuses)]}
              choose={choose(setStatus)}
            />
          </p>
          {total === 0 && <p>{say.noneSuch}</p>}
          <ul class="rows">
            {items.map((receipt) => (
              <Receipt key={receipt.id} receipt={receipt} />
            ))}
          </ul>
          <More shown={items.length} total={total} more={() => setLimit(limit + 5 * PART)} />
        </>
      )}
    </Card>
  );
}

function Receipt({
  receipt: { job, dueAtUtc, startedAtUtc, finishedAtUtc, status, rows, error },
}: {
  readonly receipt: Item<"/schedules/receipts">;
}) {
  const say = words.health.receipts;
  return (
    <li>
      <span>
        {words.health.jobs.names[job] ?? job}
        <span class="second">
          {" "}
          {say.due} <Time utc={dueAtUtc} />
        </span>
      </span>
      <span>
        <Outcome status={status} />
        <span class="second">
          {startedAtUtc !== null && finishedAtUtc !== null && `, ${say.took(duration(at(finishedAtUtc) - at(startedAtUtc)))}`}
          {rows !== null && `, ${say.rows(rows, count(rows))}`}
        </span>
      </span>
      {error !== null && (
        <span class="whole">
          <ServerText text={error} />
        </span>
      )}
    </li>
  );
}
