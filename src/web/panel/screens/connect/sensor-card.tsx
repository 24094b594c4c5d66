import { useState } from "preact/hooks";
import type { Asked } from "../../client/asked.ts";
import type { Answer } from "../../client/client.ts";
import { me } from "../../client/session.ts";
import { Card } from "../../parts/card.tsx";
import { Choice } from "../../parts/choice.tsx";
import { HaLink } from "../../parts/ha-link.tsx";
import { nameInWords } from "../../words/features.ts";
import { words } from "../../words/words.ts";
import { Snippet } from "./snippet.tsx";
import { databaseUrl, type Recipe, sensorYaml, sqlSensor } from "./sql-sensor.ts";

const RECIPES: readonly Recipe[] = ["state", "probability", "change", "health"];

/** A sensor of Home Assistant's own, ready to be pasted, or typed into its form. */
export function SensorCard({ views }: { readonly views: Asked<Answer<"GET", "/views">> }) {
  const say = words.connect.sensor;
  const targets = me.value?.targets ?? [];
  const [recipe, setRecipe] = useState<Recipe>(targets.length === 0 ? "health" : "state");
  const [chosen, setTarget] = useState(targets[0] ?? "");
  const isOfTarget = recipe === "state" || recipe === "probability";
  const sensor = sqlSensor(recipe, chosen, say.names[recipe](nameInWords(chosen)));
  return (
    <Card title={say.title} asked={views} height={420}>
      {({ databasePath }) => (
        <>
          <p>{say.what}</p>
          <p class="choices">
            <Choice
              label={say.recipe}
              value={recipe}
              options={RECIPES.filter((each) => targets.length > 0 || each === "change" || each === "health").map((each) => [
                each,
                say.recipes[each],
              ])}
              choose={(value) => setRecipe(value as Recipe)}
            />
            {isOfTarget && targets.length > 1 && (
              <Choice label={say.target} value={chosen} options={targets.map((each) => [each, nameInWords(each)])} choose={setTarget} />
            )}
          </p>
          <h3>{say.yaml}</h3>
          <Snippet name={say.yaml} text={sensorYaml(sensor, databasePath)} />
          <p class="second">{say.yamlHow}</p>
          <details>
            <summary>{say.form}</summary>
            <p class="second">
              {say.formHow} <HaLink path="/config/integrations">{say.integrations}</HaLink>
            </p>
            {[
              [say.fields.name, sensor.name],
              [say.fields.url, databaseUrl(databasePath)],
              [say.fields.query, sensor.query],
              [say.fields.column, sensor.column],
              ...(sensor.unit === null ? [] : [[say.fields.unit, sensor.unit] as const]),
            ].map(([field = "", text = ""]) => (
              <div key={field}>
                <h3>{field}</h3>
                <Snippet name={field} text={text} />
              </div>
            ))}
          </details>
          <ul class="notes">
            {[...say.notes, ...(recipe === "state" ? [say.untilTrusted] : [])].map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
