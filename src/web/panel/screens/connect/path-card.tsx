import type { Asked } from "../../client/asked.ts";
import { useAsked } from "../../client/asked.ts";
import { type Answer, get } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { words } from "../../words/words.ts";
import { Snippet } from "./snippet.tsx";
import { databaseUrl } from "./sql-sensor.ts";

/** Where the file lies, for programs that open it. */
export function PathCard({ views }: { readonly views: Asked<Answer<"GET", "/views">> }) {
  const say = words.connect.file;
  const about = useAsked("about", (signal) => get("/about", { signal }));
  return (
    <Card title={say.title} asked={views} height={200}>
      {({ databasePath }) => (
        <>
          <Snippet name={say.path} text={databasePath} />
          <p class="second">{about.data?.isInsideHomeAssistant ? say.inside : say.outside}</p>
          <h3>{say.url}</h3>
          <Snippet name={say.url} text={databaseUrl(databasePath)} />
          <p class="second">{say.readOnly}</p>
        </>
      )}
    </Card>
  );
}
