import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get, type Item } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { More } from "../../parts/more.tsx";
import { hrefOf } from "../../shell/route.ts";
import { count } from "../../words/numbers.ts";
import { at, rangeText, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";

const PART = 8;
type Outcome = "open" | "filled" | "partly" | "lost";

/** Spans in which nobody listened: why, and what became of them. */
export function GapCard() {
  const say = words.health.gaps;
  const [outcome, setOutcome] = useState("");
  const [limit, setLimit] = useState(PART);
  const asked = useAsked(
    `gaps ${outcome} ${limit}`,
    (signal) => get("/gaps", { query: { outcome: (outcome || undefined) as Outcome | undefined, limit }, signal }),
    ["health"],
  );
  return (
    <Card title={say.title} asked={asked} height={240} empty={({ total }) => (total === 0 && outcome === "" ? <p>{say.none}</p> : null)}>
      {({ items, total }) => (
        <>
          <p class="choices">
            <Choice label={say.outcome} value={outcome} options={[["", say.all], ...Object.entries(say.outcomes)]} choose={setOutcome} />
          </p>
          {total === 0 && <p>{say.noneSuch}</p>}
          <ul class="rows">
            {items.map((gap) => (
              <Gap key={gap.id} gap={gap} />
            ))}
          </ul>
          <More shown={items.length} total={total} more={() => setLimit(limit + 5 * PART)} />
        </>
      )}
    </Card>
  );
}

function Gap({ gap: { fromUtc, toUtc, reason, outcome, why, entitiesUnfilled, entityId } }: { readonly gap: Item<"/gaps"> }) {
  const say = words.health.gaps;
  return (
    <li>
      <span>
        <a href={hrefOf(`/timeline/${zone.dateAt(at(fromUtc))}`)}>{rangeText(at(fromUtc), at(toUtc))}</a>
        {entityId !== null && <code class="second"> {entityId}</code>}
      </span>
      <span>{say.outcomes[outcome] ?? outcome}</span>
      <span class="second whole">
        {say.reasons[reason] ?? reason}
        {why !== null && `; ${say.whys[why] ?? why}`}
        {entitiesUnfilled > 0 && `; ${say.unfilled(count(entitiesUnfilled))}`}
      </span>
    </li>
  );
}
