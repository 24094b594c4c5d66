import { useState } from "preact/hooks";
import type { OverviewBody } from "../../../api/routes.ts";
import { useAsked } from "../../client/asked.ts";
import { type Answer, get, post } from "../../client/client.ts";
import { may } from "../../client/session.ts";
import { copy } from "../../parts/fault-note.tsx";
import { Gates } from "../../parts/gates.tsx";
import { HaLink } from "../../parts/ha-link.tsx";
import { MayNot } from "../../parts/may-not.tsx";
import { hrefOf } from "../../shell/route.ts";
import { complain } from "../../shell/toast.tsx";
import { count } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";

type Helpers = Answer<"POST", "/helpers">;

interface LabelStepProps {
  readonly overview: OverviewBody;
  readonly target: string;
}

/** Three ways to say when it was so; each can be used beside the others. */
export function LabelStep({ overview, target }: LabelStepProps) {
  const say = words.firstRun.labels;
  const suggestions = useAsked(`suggestions ${target}`, (signal) => get("/suggestions", { query: { target, limit: 1 }, signal }), [
    "health",
  ]);
  const found = overview.targets.find(({ name }) => name === target);
  const gates = found?.readiness?.gates.filter(({ gate }) => gate === "labelled_days" || gate === "episodes") ?? [];
  const waiting = suggestions.data?.total ?? 0;
  return (
    <>
      <p>{(found?.labelCount ?? 0) === 0 ? say.none : say.count(found?.labelCount ?? 0)}</p>
      {gates.length > 0 && <Gates gates={gates} />}
      <h3>{say.helpersTitle}</h3>
      <p>{say.helpersWhy}</p>
      <HelperSetup />
      <h3>{say.pastTitle}</h3>
      <p>{waiting > 0 ? say.suggested(count(waiting)) : say.draw}</p>
      <p class="actions">
        <a class="button" href={hrefOf("/labels")}>
          {waiting > 0 ? say.look : say.add}
        </a>
        <a class="button" href={hrefOf("/timeline")}>
          {words.nav.timeline}
        </a>
      </p>
    </>
  );
}

function HelperSetup() {
  const say = words.firstRun.labels;
  const [made, setMade] = useState<Helpers | null>(null);
  const [isAsking, setAsking] = useState(false);
  async function make(): Promise<void> {
    setAsking(true);
    try {
      setMade(await post("/helpers", null));
    } catch (error) {
      complain(error);
    } finally {
      setAsking(false);
    }
  }
  return (
    <>
      {may("admin") ? (
        <button type="button" disabled={isAsking} onClick={() => void make()}>
          {isAsking ? say.making : say.make}
        </button>
      ) : (
        <MayNot />
      )}
      {made !== null && (
        <div role="status">
          <ul class="helpers">
            {made.helpers.map(({ entityId, outcome, note }) => (
              <li key={entityId}>
                <code>{entityId}</code>: {say.outcomes[outcome]} {note !== null && <span lang="en">{note}</span>}
              </li>
            ))}
          </ul>
          <p>{say.card}</p>
          <textarea readOnly rows={made.card.split("\n").length} value={made.card} aria-label={say.card} />
          <p class="actions">
            <button type="button" onClick={() => void copy(made.card)}>
              {say.copyCard}
            </button>
            <HaLink path="/config/helpers">{say.showHelpers}</HaLink>
          </p>
        </div>
      )}
    </>
  );
}
