import type { OverviewBody } from "../../../api/routes.ts";
import type { Asked } from "../../client/asked.ts";
import { Card } from "../../parts/card.tsx";
import { Degraded } from "../../parts/degraded.tsx";
import { words } from "../../words/words.ts";

/** Every marker with its cause, since when, what it costs, and what to do. */
export function AttentionCard({ overview }: { readonly overview: Asked<OverviewBody> }) {
  const say = words.health.attention;
  return (
    <Card title={say.title} asked={overview} class="wide">
      {({ health: { status, degradedReasons } }) => (
        <>
          {status === "starting" && <p>{say.starting}</p>}
          {status === "down" && <p>{say.down}</p>}
          {degradedReasons.map((marker) => (
            <Degraded key={marker.code} marker={marker} />
          ))}
          {degradedReasons.length === 0 && status === "ok" && <p>{say.none}</p>}
        </>
      )}
    </Card>
  );
}
