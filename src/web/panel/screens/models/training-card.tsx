import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { More } from "../../parts/more.tsx";
import { Time } from "../../parts/time.tsx";
import { count } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";

const PART = 5;
/** What the app notes of a training that a person ended: no failure, and it had counted nothing yet. */
const CANCELLED = "cancelled";

/** Every training, also those that made no model, and why. */
export function TrainingCard({ target }: { readonly target: string }) {
  const say = words.models.trainings;
  const [limit, setLimit] = useState(PART);
  const asked = useAsked(`trainings ${target} ${limit}`, (signal) => get("/runs/trainings", { query: { target, limit }, signal }), [
    "health",
  ]);
  return (
    <Card title={say.title} asked={asked} height={240} empty={({ total }) => (total === 0 ? <p>{say.none}</p> : null)}>
      {({ items, total }) => (
        <>
          <ul class="rows">
            {items.map(({ id, status, startedAtUtc, modelVersion, rowCount, dayCount, notes }) => (
              <li key={id}>
                <span>
                  <Time utc={startedAtUtc} />
                  <span class="second">
                    {" "}
                    {dayCount !== null && notes !== CANCELLED && words.models.history.days(count(dayCount))}
                    {rowCount !== null && notes !== CANCELLED && `, ${say.windows(count(rowCount))}`}
                  </span>
                </span>
                <span>
                  {modelVersion === null ? (say.statuses[outcomeOf(status, notes)] ?? status) : words.models.history.model(modelVersion)}
                </span>
                {notes !== null && notes !== "" && notes !== CANCELLED && (
                  <span class="whole second">
                    <ServerText text={notes.replaceAll(".; ", ". ")} />
                  </span>
                )}
              </li>
            ))}
          </ul>
          <More shown={items.length} total={total} more={() => setLimit(limit + 4 * PART)} />
        </>
      )}
    </Card>
  );
}

function outcomeOf(status: string, notes: string | null): string {
  return status === "failed" && notes === CANCELLED ? CANCELLED : status;
}
