import { useId, useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { More } from "../../parts/more.tsx";
import { useKeys } from "../../shell/keys.ts";
import { hrefOf } from "../../shell/route.ts";
import { count } from "../../words/numbers.ts";
import { titleOf } from "../../words/subject.ts";
import { words } from "../../words/words.ts";
import { StreamRow } from "./stream-row.tsx";
import { type Stream, summaryOf } from "./subject.ts";

const MOST = 1000;
const PART = 20;

const KINDS: Readonly<Record<keyof typeof words.changes.streams.kinds, (stream: Stream) => boolean>> = {
  all: () => true,
  changed: ({ changedAtUtc }) => changedAtUtc !== null,
  learning: (stream) => summaryOf(stream).learned < 1,
  muted: ({ isMuted }) => isMuted,
};
type Kind = keyof typeof KINDS;

/** The home first, then areas, then entities. */
const groupOf = ({ stream }: Stream): number => (stream.startsWith("home:") ? 0 : stream.startsWith("area.") ? 1 : 2);

/** Everything that is watched, with its level. */
export function StreamCard() {
  const say = words.changes.streams;
  const asked = useAsked("streams", (signal) => get("/streams", { query: { limit: MOST }, signal }), ["health"]);
  return (
    <Card
      title={say.title}
      asked={asked}
      height={480}
      class="wide"
      empty={({ items }) =>
        items.length === 0 ? (
          <Empty
            action={
              <a class="button" href={hrefOf("/first-run")}>
                {words.nav["first-run"]}
              </a>
            }
          >
            {say.none}
          </Empty>
        ) : null
      }
    >
      {({ items }) => <Streams all={items} />}
    </Card>
  );
}

function Streams({ all }: { readonly all: readonly Stream[] }) {
  const say = words.changes.streams;
  const id = useId();
  const [kind, setKind] = useState<Kind>("all");
  const [filter, setFilter] = useState("");
  const [shown, setShown] = useState(PART);
  useKeys([{ keys: ["/"], words: words.keys.filter, run: () => document.getElementById(id)?.focus() }]);
  const wanted = filter.trim().toLowerCase();
  const fitting = all.filter(
    (stream) => KINDS[kind](stream) && (titleOf(stream).toLowerCase().includes(wanted) || stream.stream.toLowerCase().includes(wanted)),
  );
  const part = fitting.slice(0, shown);
  return (
    <>
      <p>{say.why}</p>
      <p class="second">{say.sums(count(all.length), count(all.filter(KINDS.learning).length), count(all.filter(KINDS.muted).length))}</p>
      <div class="choices">
        <span class="choice">
          <label for={id}>{say.filter}</label>
          <input id={id} type="search" value={filter} onInput={({ currentTarget }) => setFilter(currentTarget.value)} />
        </span>
        <Choice
          label={say.show}
          value={kind}
          options={(Object.keys(KINDS) as Kind[]).map((each) => [each, say.kinds[each]])}
          choose={(value) => setKind(value as Kind)}
        />
      </div>
      {fitting.length === 0 && <p role="status">{say.noneOf}</p>}
      {say.groups.map((title, group) => {
        const members = part.filter((stream) => groupOf(stream) === group);
        if (members.length === 0) return null;
        return (
          <section key={title} class="stream-group">
            <h3>{title}</h3>
            <ul class="rows">
              {members.map((stream) => (
                <StreamRow key={stream.stream} stream={stream} />
              ))}
            </ul>
          </section>
        );
      })}
      <More shown={part.length} total={fitting.length} more={() => setShown(shown + 3 * PART)} />
    </>
  );
}
