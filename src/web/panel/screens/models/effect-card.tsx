import { useState } from "preact/hooks";
import { More } from "../../parts/more.tsx";
import { featureInWords } from "../../words/features.ts";
import { figure } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { coefficientsOf } from "./coefficients.ts";
import { type ModelAnswer, ModelCard, type Shown } from "./shown.tsx";

const PART = 10;
type Effect = ModelAnswer["effects"][number];

/** What each thing that it looks at does to the odds, for a change that a person can picture. */
export function EffectCard({ shown }: { readonly shown: Shown }) {
  const say = words.models.effects;
  return (
    <ModelCard title={() => say.title} shown={shown} height={420}>
      {({ effects, artifact }) => (
        <>
          {effects.length === 0 ? <p>{say.none}</p> : <Effects effects={effects} stepOf={stepsOf(artifact)} />}
          <Table artifact={artifact} />
        </>
      )}
    </ModelCard>
  );
}

const STEP = "one usual step higher";

/** How much a usual step is, in the feature's own unit. */
function stepsOf(artifact: ModelAnswer["artifact"]): (feature: string) => string {
  const coefficients = new Map(coefficientsOf(artifact).map((each) => [each.feature, each]));
  return (feature) => {
    const { usualStep = null, unit = null } = coefficients.get(feature) ?? {};
    return usualStep === null ? "" : ` (${figure(usualStep)}${unit === null ? "" : `\u00a0${unit}`})`;
  };
}

function Effects({ effects, stepOf }: { readonly effects: readonly Effect[]; readonly stepOf: (feature: string) => string }) {
  const say = words.models.effects;
  const [shown, setShown] = useState(PART);
  const most = Math.max(...effects.map(({ odds }) => Math.abs(Math.log(odds))), 1e-9);
  return (
    <>
      <p>{say.what}</p>
      <ul class="effects">
        {effects.slice(0, shown).map(({ feature, change, odds }) => (
          <li key={feature}>
            <span>
              {featureInWords(feature)}
              <span class="second">
                {" "}
                {say.changes[change]}
                {change === STEP && stepOf(feature)}
              </span>
            </span>
            <span class="number">{odds >= 1 ? say.times(figure(odds)) : say.divided(figure(1 / odds))}</span>
            <span class={odds >= 1 ? "push up" : "push down"} aria-hidden="true">
              <span style={{ width: `${(50 * Math.abs(Math.log(odds))) / most}%` }} />
            </span>
          </li>
        ))}
      </ul>
      <More shown={Math.min(shown, effects.length)} total={effects.length} more={() => setShown(effects.length)} />
    </>
  );
}

function Table({ artifact }: { readonly artifact: ModelAnswer["artifact"] }) {
  const say = words.models.effects;
  const [isOpen, setOpen] = useState(false);
  const coefficients = coefficientsOf(artifact);
  if (coefficients.length === 0) return null;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{say.table(coefficients.length)}</summary>
      {isOpen && (
        <>
          <p class="second">{say.tableWhat}</p>
          <table class="coefficients">
            <thead>
              <tr>
                <th scope="col">{say.feature}</th>
                <th scope="col" class="number">
                  {say.coefficient}
                </th>
                <th scope="col" class="number">
                  {say.step}
                </th>
              </tr>
            </thead>
            <tbody>
              {coefficients.map(({ feature, value, unit, usualStep }) => (
                <tr key={feature}>
                  <th scope="row">
                    <code>{feature}</code>
                  </th>
                  <td class="number">
                    {figure(value)}
                    {unit !== null && <span class="second"> /{unit}</span>}
                  </td>
                  <td class="number">{figure(usualStep)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </details>
  );
}
