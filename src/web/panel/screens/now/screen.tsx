import { useEffect, useState } from "preact/hooks";
import { afterPaint } from "../../client/after-paint.ts";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { me } from "../../client/session.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { Degraded } from "../../parts/degraded.tsx";
import { hrefOf } from "../../shell/route.ts";
import { words } from "../../words/words.ts";
import { ChangesCard } from "./changes-card.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { HomeCard } from "./home-card.tsx";
import { StatusLine } from "./status-line.tsx";
import { TargetCard } from "./target-card.tsx";

/** Is it working, and what does it know right now? */
export function Screen() {
  const overview = useAsked("overview", (signal) => get("/overview", { signal }), ["predictions", "health"]);
  const { data } = overview;
  const markers = data?.health.degradedReasons ?? [];
  const targets = me.value?.targets ?? [];
  // What it knows is on the screen first; why, and all else, a moment later.
  const [isWhole, setWhole] = useState(false);
  useEffect(() => afterPaint(() => setWhole(true)), []);
  return (
    <>
      <StatusLine health={data?.health ?? null} />
      {markers.length > 0 && (
        <section class="attention" aria-label={words.now.attention}>
          {markers.map((marker) => (
            <Degraded key={marker.code} marker={marker} />
          ))}
        </section>
      )}
      {data !== null && targets[0] !== undefined && <FirstSteps overview={data} target={targets[0]} />}
      <div class="cards" aria-busy={!isWhole}>
        {targets.slice(0, isWhole ? targets.length : 1).map((target) => (
          <TargetCard key={target} name={target} overview={overview} isWhole={isWhole} />
        ))}
        {targets.length === 0 && (
          <Card title={words.now.noTarget} asked={overview}>
            {() => <Empty action={<a href={hrefOf("/first-run")}>{words.nav["first-run"]}</a>}>{words.now.noTargetWhy}</Empty>}
          </Card>
        )}
        {isWhole && <ChangesCard />}
        {isWhole && <HomeCard overview={overview} />}
      </div>
    </>
  );
}
