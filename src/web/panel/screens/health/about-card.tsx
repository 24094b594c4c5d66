import { useAsked } from "../../client/asked.ts";
import { fileAddress, get } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { bytes, count } from "../../words/numbers.ts";
import { duration, SECOND_MS } from "../../words/times.ts";
import { words } from "../../words/words.ts";

/** Versions, and the file for who helps. */
export function AboutCard() {
  const say = words.health.about;
  const asked = useAsked("about", (signal) => get("/about", { signal }), ["health"]);
  return (
    <Card title={say.title} asked={asked} height={280}>
      {(about) => (
        <>
          <dl class="facts">
            <dt>{say.app}</dt>
            <dd>{about.appVersion}</dd>
            <dt>{say.place}</dt>
            <dd>{about.isSimulated ? say.simulated : about.isInsideHomeAssistant ? say.inside : say.outside}</dd>
            <dt>{say.contract}</dt>
            <dd>{about.contractVersion ?? "–"}</dd>
            <dt>{say.schema}</dt>
            <dd>{about.schemaVersion}</dd>
            <dt>{say.sqlite}</dt>
            <dd>{about.sqliteVersion}</dd>
            <dt>{say.node}</dt>
            <dd>{about.nodeVersion}</dd>
            <dt>{say.machine}</dt>
            <dd>
              {about.platform}, {say.processors(count(about.processors))}
            </dd>
            <dt>{say.memory}</dt>
            <dd>{bytes(about.rssBytes)}</dd>
            <dt>{say.uptime}</dt>
            <dd>{duration(about.uptimeSeconds * SECOND_MS)}</dd>
          </dl>
          <p class="diagnostics">
            <a class="button" href={fileAddress("/diagnostics")} download>
              {say.diagnostics}
            </a>
          </p>
          <p class="second">{say.diagnosticsWhat}</p>
        </>
      )}
    </Card>
  );
}
