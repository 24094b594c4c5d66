import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { nowMs } from "../../client/clock.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { NoTarget } from "../../parts/no-target.tsx";
import { TargetChoice, useTarget } from "../../parts/target-choice.tsx";
import { hrefOf } from "../../shell/route.ts";
import { at, homeZone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { createZone } from "../../words/zone.ts";
import { AddLabel } from "./add-label.tsx";
import { HistoryCard } from "./history-card.tsx";
import "./labels.css";
import { NightList } from "./night-list.tsx";
import { newestNight, nightsOf } from "./nights.ts";
import { SuggestionCard } from "./suggestion-card.tsx";
import { TransferCard } from "./transfer-card.tsx";
import { TurnedDown } from "./turned-down.tsx";

const NIGHTS = 30;
const MOST = 1000;

/** What was said of each night, by whom, and what is still to be said. */
export function Screen() {
  const say = words.labels;
  const target = useTarget();
  const [shown, setShown] = useState(NIGHTS);
  const zone = createZone(homeZone);
  const newest = newestNight(zone, nowMs());
  const from = new Date(zone.dayStartMs(newest - shown + 1, 12)).toISOString();
  const asked = useAsked(
    target === null ? null : `labels ${target} ${newest} ${shown}`,
    async (signal) => {
      const [labels, suggestions, { dataBeganUtc }] = await Promise.all([
        get("/labels", { query: { target: target!, status: "active", from, limit: MOST }, signal }),
        get("/suggestions", { query: { target: target!, limit: MOST }, signal }),
        get("/me", { signal }),
      ]);
      return { labels, suggestions: suggestions.items, dataBeganUtc };
    },
    ["health"],
  );
  if (target === null) return <NoTarget />;
  const began = asked.data?.dataBeganUtc ?? null;
  const first = Math.min(
    ...[began, ...(asked.data?.labels.items ?? []).map(({ startUtc }) => startUtc)].map((utc) => (utc === null ? nowMs() : at(utc))),
  );
  const firstNight = zone.dayAt(first, 12);
  const oldest = Math.max(newest - shown + 1, firstNight);
  return (
    <>
      <TargetChoice target={target} />
      <div class="label-cards">
        <Card
          title={say.nights}
          asked={asked}
          height={480}
          class="night-card"
          actions={<AddLabel target={target} then={asked.retry} />}
          empty={({ dataBeganUtc, labels }) => (dataBeganUtc === null && labels.items.length === 0 ? <NothingYet /> : null)}
        >
          {({ labels, suggestions }) => (
            <NightList
              target={target}
              nights={nightsOf(zone, { newest, oldest }, labels.items, suggestions)}
              again={asked.retry}
              more={oldest > firstNight || labels.total > labels.items.length ? () => setShown(shown + NIGHTS) : null}
            />
          )}
        </Card>
        <div class="label-side">
          <SuggestionCard target={target} asked={asked} />
          <TransferCard target={target} then={asked.retry} />
          <TurnedDown target={target} />
          <HistoryCard target={target} then={asked.retry} />
        </div>
      </div>
    </>
  );
}

function NothingYet() {
  return (
    <Empty
      action={
        <a class="button" href={hrefOf("/first-run")}>
          {words.nav["first-run"]}
        </a>
      }
    >
      {words.labels.noData}
    </Empty>
  );
}
