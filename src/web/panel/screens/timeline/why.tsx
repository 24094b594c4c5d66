import { useAsked } from "../../client/asked.ts";
import { get, type Item } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { featureInWords, nameInWords } from "../../words/features.ts";
import { figure, percent, share } from "../../words/numbers.ts";
import { at, rangeText, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { TimelineData } from "./data.ts";
import type { Lanes } from "./lanes.ts";
import { valueInWords } from "./values.ts";

interface WhyProps {
  readonly target: string;
  readonly atMs: number;
  readonly data: TimelineData;
  readonly lanes: Lanes | null;
}

interface Told {
  readonly prediction: Item<"/predictions"> | null;
  /** What was seen then, by the feature's name. */
  readonly values: ReadonlyMap<string, number | null>;
}

const MOST_FEATURES = 20;
const MOST_REASONS = 8;

/** Why it was so at an instant: what the window that had just ended said then, what moved it, what it saw, and which states held. */
export function Why({ target, atMs, data, lanes }: WhyProps) {
  const say = words.timeline.why;
  const windowEndMs = Math.floor(atMs / data.curve.gridMs) * data.curve.gridMs;
  const asked = useAsked(`why ${target} ${windowEndMs}`, (signal) => ask(target, windowEndMs, data.curve.gridMs, signal));
  return (
    <Card title={say.title(stamp(atMs))} asked={asked} height={220} class="why">
      {({ prediction, values }) => (
        <div class="why-parts">
          <div>
            {prediction === null ? <p>{say.none}</p> : <Said prediction={prediction} />}
            {prediction !== null && <Reasons prediction={prediction} values={values} />}
            <p class="second">{say.pick}</p>
          </div>
          <Then atMs={atMs} data={data} lanes={lanes} />
        </div>
      )}
    </Card>
  );
}

async function ask(target: string, windowEndMs: number, gridMs: number, signal: AbortSignal): Promise<Told> {
  const range = { from: new Date(windowEndMs - gridMs + 1).toISOString(), to: new Date(windowEndMs + 1).toISOString() };
  const [prediction = null] = (await get("/predictions", { query: { target, limit: 1, ...range }, signal })).items;
  const names = (prediction?.contributions ?? []).slice(0, MOST_FEATURES).map(({ feature }) => feature);
  if (names.length === 0) return { prediction, values: new Map() };
  const { series } = await get("/features/series", { query: { names: names.join(), columns: 10, ...range }, signal });
  return { prediction, values: new Map(series.map(({ name, values }) => [name, values.at(-1) ?? null])) };
}

function Said({ prediction: { probability, modelVersion, isOn, coverage } }: { readonly prediction: Item<"/predictions"> }) {
  const say = words.timeline.why;
  return (
    <>
      <p class="why-said">
        {probability === null
          ? say.noAnswer
          : say.said(percent(probability), modelVersion === null ? null : words.now.sure.model(modelVersion))}
        {isOn !== null && <span class="second"> {isOn ? say.on : say.off}</span>}
      </p>
      <p class="second">{say.coverage(share(coverage))}</p>
    </>
  );
}

function Reasons({ prediction, values }: Told & { readonly prediction: Item<"/predictions"> }) {
  const say = words.timeline.why;
  const reasons = prediction.contributions.slice(0, MOST_REASONS);
  if (reasons.length === 0) return <p>{say.noReasons}</p>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{say.feature}</th>
            <th scope="col" class="number">
              {say.value}
            </th>
            <th scope="col" class="number">
              {say.effect}
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ feature, logits }) => (
            <tr key={feature}>
              <td>{featureInWords(feature)}</td>
              <td class="number">{valueInWords(feature, values.get(feature) ?? null, at(prediction.windowEndUtc))}</td>
              <td class="number">{say.odds(figure(Math.exp(logits)))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Then({ atMs, data, lanes }: Pick<WhyProps, "atMs" | "data" | "lanes">) {
  const say = words.timeline.why;
  const label = data.labels.find(({ startUtc, endUtc }) => at(startUtc) <= atMs && at(endUtc) > atMs);
  const states = (lanes?.lanes ?? []).flatMap(({ entityId, name, unit, bands }) => {
    const band = bands.findLast(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs);
    return band === undefined ? [] : [{ entityId, title: name ?? nameInWords(entityId), unit, ...band }];
  });
  return (
    <div>
      <h3>{say.label}</h3>
      <p>
        {label === undefined ? say.noLabel : `${words.labelling.kinds[label.kind]}: ${rangeText(at(label.startUtc), at(label.endUtc))}`}
      </p>
      {states.length > 0 && (
        <>
          <h3>{say.states}</h3>
          <dl class="then">
            {states.map(({ entityId, title, unit, state, changes }) => (
              <div key={entityId}>
                <dt>{title}</dt>
                <dd>{state === null ? say.several(changes) : `${state}${unit === null ? "" : ` ${unit}`}`}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}
