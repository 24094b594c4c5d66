import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { removeLabel } from "../../parts/label-writes.ts";
import { at, datedText } from "../../words/times.ts";
import { words } from "../../words/words.ts";

const MOST = 20;

/** What was said and could not be a label, with the reason. */
export function TurnedDown({ target }: { readonly target: string }) {
  const say = words.labels;
  const asked = useAsked(
    `turned down ${target}`,
    (signal) => get("/labels", { query: { target, status: "rejected", limit: MOST }, signal }),
    ["health"],
  );
  return (
    <Card title={say.turnedDown} asked={asked} empty={({ total }) => (total === 0 ? <Empty>{say.noTurnedDown}</Empty> : null)}>
      {({ items }) => (
        <ul class="turned-down">
          {items.map((label) => (
            <li key={label.id}>
              <p>
                {datedText(at(label.startUtc))} → {datedText(at(label.endUtc))}
              </p>
              <p class="second">
                {words.labelling.sourceOf(label.source)}: <ServerText text={label.reason ?? ""} />
              </p>
              <button type="button" class="plain" onClick={() => void removeLabel(label).then(asked.retry)}>
                {words.labelling.remove}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
