import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get, type Item, post } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { changeLabels } from "../../parts/label-writes.ts";
import { Time } from "../../parts/time.tsx";
import { at, rangeText } from "../../words/times.ts";
import { words } from "../../words/words.ts";

const STEP = 10;
const MOST = 1000;

/** What no longer counts: who had said it and when, what became of it, and a way back. */
export function HistoryCard({ target, then }: { readonly target: string; readonly then: () => void }) {
  const say = words.labels;
  const [limit, setLimit] = useState(STEP);
  const asked = useAsked(`label history ${target} ${limit}`, (signal) => get("/labels/history", { query: { target, limit }, signal }), [
    "health",
  ]);
  async function restore({ historyId, startUtc, endUtc }: Item<"/labels/history">): Promise<void> {
    const span = { fromMs: at(startUtc), toMs: at(endUtc) };
    await changeLabels(target, span, words.labelling.restored, () =>
      post("/labels/history/:id/restore", { target }, { params: { id: historyId } }),
    );
    asked.retry();
    then();
  }
  return (
    <Card title={say.history} asked={asked} empty={({ total }) => (total === 0 ? <Empty>{say.noHistory}</Empty> : null)}>
      {({ items, total }) => (
        <>
          <ul class="label-history">
            {items.map((item) => (
              <li key={item.historyId}>
                <p>
                  {words.labelling.kinds[item.kind]}: <s>{rangeText(at(item.startUtc), at(item.endUtc))}</s>
                </p>
                <p class="second">
                  {words.labelling.sourceOf(item.source)}
                  {item.saidBy !== null && `, ${item.saidBy}`}, <Time utc={item.capturedAtUtc} />;{" "}
                  {say.replaced[item.replacedBy] ?? item.replacedBy} <Time utc={item.replacedAtUtc} />
                </p>
                <button type="button" class="plain" onClick={() => void restore(item)}>
                  {say.restore}
                </button>
              </li>
            ))}
          </ul>
          {total > items.length && limit < MOST && (
            <button type="button" onClick={() => setLimit(Math.min(MOST, limit + 5 * STEP))}>
              {say.more}
            </button>
          )}
        </>
      )}
    </Card>
  );
}
