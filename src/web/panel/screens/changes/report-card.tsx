import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { More } from "../../parts/more.tsx";
import { words } from "../../words/words.ts";
import { ReportRow } from "./report-row.tsx";

const PART = 8;
const MOST = 1000;

/** What each choice leaves out. */
const KINDS = {
  current: { isWithdrawn: false, isMuted: false, isRejected: false },
  all: {},
  rejected: { isRejected: true },
  withdrawn: { isWithdrawn: true },
} as const;
type Kind = keyof typeof KINDS;

/** Changes of habit, the newest first, to be confirmed or turned down. */
export function ReportCard() {
  const say = words.changes.reports;
  const [kind, setKind] = useState<Kind>("current");
  const [limit, setLimit] = useState(PART);
  const asked = useAsked(
    `changes ${kind} ${limit}`,
    async (signal) => {
      const page = await get("/changes", { query: { ...KINDS[kind], limit }, signal });
      // Whether there is any other, where none is shown.
      const all = page.total > 0 || kind === "all" ? page.total : (await get("/changes", { query: { limit: 1 }, signal })).total;
      return { ...page, all };
    },
    ["health"],
  );
  return (
    <Card
      title={say.title}
      asked={asked}
      height={320}
      class="wide"
      empty={({ all }) => (all === 0 ? <Empty>{say.none}</Empty> : null)}
      actions={
        <Choice
          label={say.show}
          value={kind}
          options={(Object.keys(KINDS) as Kind[]).map((each) => [each, say.kinds[each]])}
          choose={(value) => {
            setKind(value as Kind);
            setLimit(PART);
          }}
        />
      }
    >
      {({ items, total }) => (
        <>
          {items.length === 0 ? (
            <p>{say.noneOf}</p>
          ) : (
            <ul class="change-list">
              {items.map((report) => (
                <ReportRow key={report.id} report={report} />
              ))}
            </ul>
          )}
          <More shown={items.length} total={Math.min(total, MOST)} more={() => setLimit(Math.min(MOST, limit + 3 * PART))} />
        </>
      )}
    </Card>
  );
}
