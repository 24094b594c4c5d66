import type { OverviewBody } from "../../../api/routes.ts";
import { type Asked, useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { Gates } from "../../parts/gates.tsx";
import { hrefOf } from "../../shell/route.ts";
import { nameInWords } from "../../words/features.ts";
import { words } from "../../words/words.ts";
import { Curve } from "./curve.tsx";
import { LastNight } from "./last-night.tsx";
import { Probability } from "./probability.tsx";
import { Reasons } from "./reasons.tsx";
import { Sureness } from "./sureness.tsx";
import type { Target } from "./target.ts";

interface TargetCardProps {
  readonly name: string;
  readonly overview: Asked<OverviewBody>;
  /** False = the probability alone, for the first picture. */
  readonly isWhole: boolean;
}

/** One target: what is said of it now and why, how sure that is, last night, and what is missing. */
export function TargetCard({ name, overview, isWhole }: TargetCardProps) {
  const newest = useAsked(`newest ${name}`, (signal) => get("/predictions", { query: { target: name, limit: 1 }, signal }), [
    "predictions",
  ]);
  return (
    <Card title={nameInWords(name)} asked={overview} height={360} class="wide target">
      {(data) => {
        const target = data.targets.find((each) => each.name === name);
        if (target === undefined) return <Empty>{words.now.noPrediction}</Empty>;
        const prediction = newest.data === null && newest.fault === null ? undefined : (newest.data?.items[0] ?? null);
        return (
          <div class="target-parts">
            <div>
              <Probability target={target} />
              {isWhole && <Curve target={target} sinceUtc={data.sinceUtc} nowUtc={data.nowUtc} />}
              {isWhole && <LastNight target={name} />}
            </div>
            {isWhole && (
              <div>
                <h3>{words.now.why}</h3>
                <Reasons prediction={prediction} probability={target.prediction.probability} />
                <h3>{words.now.howSure}</h3>
                <Sureness target={target} />
              </div>
            )}
            {isWhole && <Missing target={target} />}
          </div>
        );
      }}
    </Card>
  );
}

function Missing({ target: { readiness, labelCount } }: { readonly target: Target }) {
  const say = words.now.missing;
  if (readiness !== null && readiness.stage === "eligible" && readiness.missing.length === 0) return null;
  return (
    <div>
      <h3>{say.title}</h3>
      {readiness === null ? <p>{say.notLooked}</p> : <Gates gates={readiness.gates} />}
      {readiness?.gates.every(({ met }) => met) && readiness.missing.length > 0 && (
        <ul class="missing">
          {readiness.missing.map((each) => (
            <li key={each} lang="en">
              {each}
            </li>
          ))}
        </ul>
      )}
      <p class="actions">
        <a class="button" href={hrefOf("/labels")}>
          {labelCount === 0 ? say.firstLabels : say.moreLabels}
        </a>
        <a class="button" href={hrefOf("/models")}>
          {say.models}
        </a>
      </p>
    </div>
  );
}
