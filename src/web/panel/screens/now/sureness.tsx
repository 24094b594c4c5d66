import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { count, percent, share } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { provenShare } from "./proven.ts";
import type { Target } from "./target.ts";

/** How far what is said can be trusted: the stage, what came true when it said so before, and how much of its input is known. */
export function Sureness({ target: { name, prediction } }: { readonly target: Target }) {
  const { modelVersion, probability, coverage, stage } = prediction;
  const card = useAsked(modelVersion === null ? null : `model ${name} ${modelVersion}`, (signal) =>
    get("/models/:version", { params: { version: modelVersion ?? 0 }, query: { target: name }, signal }),
  );
  const say = words.now.sure;
  const proven = probability === null ? null : provenShare(card.data?.report["reliability"], probability);
  return (
    <ul class="facts">
      <li>{words.stages[modelVersion === null ? "none" : (stage ?? "none")]}.</li>
      {modelVersion !== null && card.data === null && card.fault === null && <li class="coming" />}
      {proven !== null && <li>{say.proven(percent(proven.said), share(proven.came), count(proven.count))}</li>}
      {coverage !== null && <li>{say.coverage(share(coverage))}</li>}
      {modelVersion !== null && <li class="second">{say.model(modelVersion)}</li>}
    </ul>
  );
}
