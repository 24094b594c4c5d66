import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { ChangeWords } from "../../parts/change-words.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { percent } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";

const MOST = 3;

/** The newest changes of habit that stand, in words. */
export function ChangesCard() {
  const say = words.now.changes;
  const asked = useAsked(
    "newest changes",
    (signal) => get("/changes", { query: { isMuted: false, isRejected: false, isWithdrawn: false, limit: MOST }, signal }),
    ["health"],
  );
  return (
    <Card title={say.title} asked={asked} height={160} empty={({ items }) => (items.length === 0 ? <Empty>{say.none}</Empty> : null)}>
      {({ items, total }) => (
        <>
          <ul class="rows">
            {items.map((change) => (
              <li key={change.id}>
                <p>
                  <ChangeWords change={change} />
                </p>
                <p class="second">
                  {percent(change.probability)} · {say.seen} <Time utc={change.detectedAtUtc} />
                </p>
              </li>
            ))}
          </ul>
          <p>
            <a href={hrefOf("/changes")}>{say.all(total)}</a>
          </p>
        </>
      )}
    </Card>
  );
}
