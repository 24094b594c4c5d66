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
                    {dayCount !== null && words.models.history.days(count(dayCount))}
                    {rowCount !== null && `, ${say.windows(count(rowCount))}`}
                  </span>
                </span>
                <span>{modelVersion === null ? (say.statuses[status] ?? status) : words.models.history.model(modelVersion)}</span>
                {notes !== null && notes !== "" && (
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
