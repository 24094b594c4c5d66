import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { nameInWords } from "../../words/features.ts";
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
            {items.map(({ id, words: told, stream, detectedAtUtc, probability }) => (
              <li key={id}>
                <p>{told === null ? nameInWords(stream.split(":")[0] ?? stream) : <ServerText text={told} />}</p>
                <p class="second">
                  {percent(probability)} · {say.seen} <Time utc={detectedAtUtc} />
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
