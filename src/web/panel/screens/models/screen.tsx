import { useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { NoTarget } from "../../parts/no-target.tsx";
import { TargetChoice, useTarget } from "../../parts/target-choice.tsx";
import { route } from "../../shell/route.ts";
import { EffectCard } from "./effect-card.tsx";
import { GateCard } from "./gate-card.tsx";
import { HistoryCard } from "./history-card.tsx";
import "./models.css";
import { ReliabilityCard } from "./reliability-card.tsx";
import { ReportCard } from "./report-card.tsx";
import { TrainingCard } from "./training-card.tsx";

const PART = 100;

/** What serves a target and how good it is, what is missing before a better one, and all that served before. */
export function Screen() {
  const target = useTarget();
  const overview = useAsked("overview", (signal) => get("/overview", { signal }), ["health"]);
  const [limit, setLimit] = useState(PART);
  const models = useAsked(
    target === null ? null : `models ${target} ${limit}`,
    (signal) => get("/models", { query: { target: target!, limit }, signal }),
    ["health"],
  );
  const items = models.data?.items ?? [];
  const asked = Number(route.value.rest[0]);
  const chosen = items.find(({ modelVersion }) => modelVersion === asked) ?? items.find(({ serves }) => serves) ?? items[0] ?? null;
  const version = chosen?.modelVersion ?? null;
  // Its card says whether it serves, which changes from one moment to the next: what came before that is another answer.
  const card = useAsked(
    version === null ? null : `model ${target} ${version} ${chosen?.serves}`,
    (signal) => get("/models/:version", { params: { version: version ?? 0 }, query: { target: target! }, signal }),
    ["health"],
  );
  if (target === null) return <NoTarget />;
  // Without any model there is no card to wait for; where the list failed, so did its cards.
  const shown = { ...card, fault: card.fault ?? models.fault, isNone: models.data !== null && version === null };
  const again = (): void => {
    overview.retry();
    models.retry();
  };
  return (
    <>
      <TargetChoice target={target} />
      <div class="cards">
        <div class="stack">
          <GateCard target={target} overview={overview} again={again} />
          <HistoryCard target={target} models={models} chosen={version} again={again} more={() => setLimit(limit + PART)} />
          <TrainingCard target={target} />
        </div>
        <div class="stack">
          <ReportCard shown={shown} />
          <ReliabilityCard shown={shown} />
          <EffectCard shown={shown} />
        </div>
      </div>
    </>
  );
}
