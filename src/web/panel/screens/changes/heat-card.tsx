import { useMemo, useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { percent } from "../../words/numbers.ts";
import { dayText, duration, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { HeatMap } from "./heat-map.tsx";
import { byDay, decoded, type RunLengths } from "./run-lengths.ts";
import type { Stream } from "./subject.ts";

const SPANS = [30, 60, 180, 400] as const;
const USUAL = 60;

/** What the stream thought, step by step; it is derived again when it is asked for, so nothing but a person asks. */
export function HeatCard({ stream: { stream } }: { readonly stream: Stream }) {
  const say = words.changes.heat;
  const [days, setDays] = useState<number>(USUAL);
  const asked = useAsked(`run lengths ${stream} ${days}`, async (signal) =>
    decoded(await get("/streams/run-lengths", { query: { stream, days }, signal })),
  );
  return (
    <Card
      title={say.title}
      asked={asked}
      height={420}
      class="wide"
      actions={
        <Choice
          label={say.days}
          value={String(days)}
          options={SPANS.map((each) => [String(each), say.spans(each)])}
          choose={(value) => setDays(Number(value))}
        />
      }
    >
      {(map) =>
        map.likeliest.every((length) => length === null) ? (
          <p>{say.learning}</p>
        ) : (
          <>
            <p>{say.what}</p>
            <HeatMap map={map} />
            <Table map={map} />
          </>
        )
      }
    </Card>
  );
}

function Table({ map }: { readonly map: RunLengths }) {
  const say = words.changes.heat;
  const [isOpen, setOpen] = useState(false);
  const days = useMemo(() => (isOpen ? byDay(map, zone).toReversed() : []), [isOpen, map]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{say.table}</summary>
      {isOpen && (
        <table>
          <thead>
            <tr>
              <th scope="col">{say.day}</th>
              <th scope="col">{say.length}</th>
              <th scope="col" class="number">
                {say.probability}
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ atMs, lengthMs, probability, isAnew }) => (
              <tr key={atMs}>
                <th scope="row">{dayText(atMs - 1)}</th>
                <td>
                  {duration(lengthMs ?? 0)}
                  {isAnew && `, ${say.anew}`}
                </td>
                <td class="number">{percent(probability)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}
