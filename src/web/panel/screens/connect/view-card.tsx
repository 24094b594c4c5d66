import type { Asked } from "../../client/asked.ts";
import { type Answer, fileAddress } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { go, route } from "../../shell/route.ts";
import { words } from "../../words/words.ts";
import { Snippet } from "./snippet.tsx";
import { ViewTable } from "./view-table.tsx";

type Views = Answer<"GET", "/views">;
type View = Views["items"][number];

/** Every view with its columns, live rows, and all of it as a file. */
export function ViewCard({ views }: { readonly views: Asked<Views> }) {
  const say = words.connect.views;
  return (
    <Card title={say.title} asked={views} height={560} class="wide">
      {({ items }) => (
        <>
          <p>{say.what}</p>
          <ul class="views">
            {items.map((view) => (
              <li key={view.view}>
                <ViewDetails view={view} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

/** Open where the address says so. */
function ViewDetails({ view: of }: { readonly view: View }) {
  const say = words.connect.views;
  const { view } = of;
  const isOpen = route.value.rest[0] === view;
  return (
    <details
      open={isOpen}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== isOpen) go(currentTarget.open ? `/connect/${view}` : "/connect", { replace: true });
      }}
    >
      <summary>
        <code>{view}</code> <span class="second">{say.meanings[view] ?? ""}</span>
      </summary>
      {isOpen && (
        <div class="view">
          <Snippet name={say.query} text={`SELECT * FROM ${view};`} />
          <ViewTable view={of} />
          <p class="actions">
            {(["csv", "jsonl"] as const).map((format) => (
              <a
                key={format}
                class="button"
                href={fileAddress("/exports/:view", { params: { view: view as "vw_health" }, query: { format } })}
                download
              >
                {say.export(format)}
              </a>
            ))}
          </p>
        </div>
      )}
    </details>
  );
}
