import { useEffect, useRef, useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { nowMs } from "../../client/clock.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { NoTarget } from "../../parts/no-target.tsx";
import { TargetChoice, useTarget } from "../../parts/target-choice.tsx";
import { go, hrefOf, route } from "../../shell/route.ts";
import { at, datedText, duration, rangeText, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { Chart } from "./chart.tsx";
import { LONGEST_OF_ENTITIES_MS, type TimelineData, useTimeline } from "./data.ts";
import { draft, draftAt, draftOfLabel, draftOfSuggestion } from "./draft.ts";
import { EditCard } from "./edit-card.tsx";
import { chosenLanes, LaneChoice, usualLanes } from "./lane-choice.tsx";
import { emptyLanes, type Lanes, useLanes } from "./lanes.ts";
import { RangeBar } from "./range-bar.tsx";
import { RangeTable } from "./range-table.tsx";
import "./timeline.css";
import { useTimelineKeys, viewAbout } from "./timeline-keys.ts";
import { addressOf, minuteText, type View, viewOf } from "./view.ts";
import { Why } from "./why.tsx";

const SETTLES_MS = 200;
/** More columns than pixels would be sent for nothing. */
const MOST_COLUMNS = 2000;

export function Screen() {
  const target = useTarget();
  return target === null ? <NoTarget /> : <Timeline key={target} target={target} />;
}

/** What happened in a range, by day and night, and what was said of it: all on one axis. */
function Timeline({ target }: { readonly target: string }) {
  const { rest, query } = route.value;
  const [view, setView] = useState<View>(() => viewOf(route.value, zone, nowMs()));
  const [chosen, setChosen] = useState<readonly string[] | null>(chosenLanes);
  const [byArea, setByArea] = useState(false);
  const settled = useSettled(view);

  // An address that was opened counts; those that the screen wrote itself say what is shown already.
  const written = useRef(new Set<string>());
  const place = `${rest.join("/")} ${query["span"] ?? ""} ${query["from"] ?? ""} ${query["to"] ?? ""}`;
  useEffect(() => {
    if (!written.current.has(place)) setView(viewOf({ rest, query }, zone, nowMs()));
  }, [place]);
  useEffect(() => {
    const opened = (): void => written.current.clear();
    window.addEventListener("hashchange", opened);
    return () => window.removeEventListener("hashchange", opened);
  }, []);
  function write(shown: View, more: Readonly<Record<string, string>> = {}): void {
    const { path, query: own } = addressOf(zone, shown);
    const kept = query["at"] === undefined ? {} : { at: query["at"] };
    const next = { target, ...own, ...kept, ...more };
    written.current.add(`${path.split("/").slice(2).join("/")} ${own["span"] ?? ""} ${own["from"] ?? ""} ${own["to"] ?? ""}`);
    go(path, { query: next, replace: true });
  }
  function show(next: View): void {
    setView(next);
    write(next);
  }

  const isLong = view.toMs - view.fromMs > LONGEST_OF_ENTITIES_MS;
  const hasActivity = byArea || settled.toMs - settled.fromMs > LONGEST_OF_ENTITIES_MS;
  const columns = Math.min(MOST_COLUMNS, Math.max(300, innerWidth));
  const asked = useTimeline({ target, view: settled, columns, hasActivity });
  const last = useRef<TimelineData | null>(null);
  if (asked.data !== null) last.current = asked.data;
  const data = asked.data ?? last.current;
  const entities = useAsked("timeline entities", (signal) => get("/entities", { query: { limit: 1000 }, signal }));
  const shownLanes = chosen ?? usualLanes(entities.data?.items ?? []);
  const lanes = useLanes(settled, hasActivity ? null : shownLanes, columns);
  const rows = hasActivity ? [] : (lanes?.lanes ?? emptyLanes(shownLanes, entities.data?.items ?? []));
  const atMs = instantOf(query["at"], view);
  useOpened(place, query, data, viewOf({ rest, query }, zone, nowMs()), show);

  function review(): void {
    const waiting = data?.suggestions ?? [];
    const current = draft.value?.suggestion?.id;
    const next = waiting[(waiting.findIndex(({ id }) => id === current) + 1) % Math.max(1, waiting.length)];
    if (next === undefined) return;
    draft.value = draftOfSuggestion(next);
    show(viewAbout(view, draft.value));
  }
  useTimelineKeys({ target, view, data, atMs, show, again: asked.retry, review });
  useEffect(
    () => () => {
      draft.value = null;
    },
    [],
  );

  const say = words.timeline;
  return (
    <>
      <TargetChoice target={target} />
      <RangeBar view={view} show={show} />
      <Card
        title={words.nav.timeline}
        asked={{ ...asked, data }}
        height={480}
        class="timeline-card"
        actions={
          <p class="actions">
            {(data?.suggestions.length ?? 0) > 0 && (
              <button type="button" onClick={review}>
                {say.toReview(data?.suggestions.length ?? 0)}
              </button>
            )}
            <button
              type="button"
              onClick={() => {
                draft.value = draftAt(atMs, data);
              }}
            >
              {say.addLabel}
            </button>
            {!isLong && (
              <button type="button" aria-pressed={byArea} onClick={() => setByArea(!byArea)}>
                {say.byArea}
              </button>
            )}
            {!isLong && !byArea && <LaneChoice shown={shownLanes} choose={setChosen} />}
          </p>
        }
        empty={({ dataBeganUtc }) =>
          dataBeganUtc === null ? (
            <Empty
              action={
                <a class="button" href={hrefOf("/first-run")}>
                  {words.nav["first-run"]}
                </a>
              }
            >
              {say.empty}
            </Empty>
          ) : null
        }
      >
        {(shown) => (
          <>
            <Chart
              target={target}
              view={view}
              data={shown}
              lanes={rows}
              reachedMs={lanes?.reachedMs ?? null}
              isLoading={!hasActivity && lanes === null && (entities.data === null || shownLanes.length > 0)}
              atMs={atMs}
              show={show}
              look={(ms) => write(view, { at: minuteText(ms) })}
            />
            <Notes data={shown} lanes={hasActivity ? null : lanes} isLong={isLong} view={view} />
            <RangeTable data={shown} />
          </>
        )}
      </Card>
      <EditCard target={target} then={asked.retry} />
      {data !== null && <Why target={target} atMs={atMs} data={data} lanes={hasActivity ? null : lanes} />}
    </>
  );
}

/** While it is dragged nothing is asked. */
function useSettled(view: View): View {
  const [settled, setSettled] = useState(view);
  const lastMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const isFirst = performance.now() - lastMs.current > SETTLES_MS;
    lastMs.current = performance.now();
    if (isFirst) {
      setSettled(view);
      return undefined;
    }
    const timer = setTimeout(() => setSettled(view), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [view.fromMs, view.toMs]);
  return settled;
}

/** The instant of the address, else the newest that is shown. */
function instantOf(asked: string | undefined, view: View): number {
  const wanted = Date.parse(asked ?? "");
  if (wanted >= view.fromMs && wanted <= view.toMs) return wanted;
  return Math.max(view.fromMs, Math.min(view.toMs, nowMs()));
}

/** What an address of another screen selects: a label, a suggestion, or drawing a new one. */
function useOpened(
  place: string,
  query: Readonly<Record<string, string>>,
  data: TimelineData | null,
  view: View,
  show: (view: View) => void,
): void {
  const { label, suggestion, draw } = query;
  const wish = [place, label, suggestion, draw].join();
  const done = useRef("");
  useEffect(() => {
    // The picture of the place that was open before knows nothing of the wish.
    if (
      data === null ||
      (label ?? suggestion ?? draw) === undefined ||
      done.current === wish ||
      data.view.fromMs !== view.fromMs ||
      data.view.toMs !== view.toMs
    )
      return;
    done.current = wish;
    const wanted = data.labels.find(({ id }) => String(id) === label);
    const suggested = data.suggestions.find(({ id }) => String(id) === suggestion);
    if (wanted !== undefined) draft.value = draftOfLabel(wanted);
    else if (suggested !== undefined) {
      draft.value = draftOfSuggestion(suggested);
      show(viewAbout(view, { fromMs: at(suggested.startUtc), toMs: at(suggested.endUtc) }));
    } else if (draw !== undefined) draft.value = draftAt((view.fromMs + Math.min(view.toMs, nowMs())) / 2, data);
  }, [data, wish]);
}

function Notes({
  data,
  lanes,
  isLong,
  view,
}: {
  readonly data: TimelineData;
  readonly lanes: Lanes | null;
  readonly isLong: boolean;
  readonly view: View;
}) {
  const say = words.timeline;
  const spanMs = view.toMs - view.fromMs;
  const isPartly = lanes !== null && lanes.reachedMs > lanes.view.fromMs;
  const began = data.dataBeganUtc === null ? null : at(data.dataBeganUtc);
  return (
    <div class="notes second">
      {isLong && <p>{say.areasOnly}</p>}
      {isPartly && <p role="status">{say.loaded(duration(lanes.view.toMs - lanes.reachedMs), duration(spanMs))}</p>}
      {lanes !== null && lanes.leftOut > 0 && <p>{say.leftOut(lanes.leftOut)}</p>}
      {began !== null && began > view.fromMs && <p>{say.before(datedText(began))}</p>}
      <p class="print-range">{rangeText(view.fromMs, view.toMs)}</p>
    </div>
  );
}
