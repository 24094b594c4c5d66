import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { HaLink } from "../../parts/ha-link.tsx";
import { hrefOf } from "../../shell/route.ts";
import { nameInWords } from "../../words/features.ts";
import { words } from "../../words/words.ts";
import { Snippet } from "./snippet.tsx";

/** The card by which labels are said on a dashboard. */
export function HelperCard() {
  const say = words.connect.helpers;
  const asked = useAsked("helpers", (signal) => get("/helpers", { signal }));
  return (
    <Card
      title={say.title}
      asked={asked}
      height={260}
      empty={({ helpers }) =>
        helpers.length === 0 ? <Empty action={<a href={hrefOf("/labels")}>{words.nav.labels}</a>}>{say.none}</Empty> : null
      }
    >
      {({ helpers, card }) => (
        <>
          <p>{say.what}</p>
          <Snippet name={say.title} text={card} />
          <ul class="rows">
            {helpers.map(({ entityId, target, role }) => (
              <li key={entityId}>
                <code>{entityId}</code>
                <span class="second">
                  {nameInWords(target)}: {say.roles[role] ?? role}
                </span>
              </li>
            ))}
          </ul>
          <p class="actions">
            <a class="button" href={hrefOf("/first-run")}>
              {say.make}
            </a>
            <HaLink path="/config/helpers">{words.firstRun.labels.showHelpers}</HaLink>
          </p>
        </>
      )}
    </Card>
  );
}
