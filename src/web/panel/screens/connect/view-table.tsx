import { useAsked } from "../../client/asked.ts";
import { type Answer, get } from "../../client/client.ts";
import { FaultNote, ServerText } from "../../parts/fault-note.tsx";
import { figure, NONE } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { columnType } from "./column-type.ts";

type View = Answer<"GET", "/views">["items"][number];

/** On a narrow screen the first of them alone is shown. */
const ROWS = 3;
const MOST_CHARACTERS = 120;

/** The columns of a view and its first rows, as whoever opens the file sees them: one line a column, because a phone is higher than it is wide. */
export function ViewTable({ view: { view, columns } }: { readonly view: View }) {
  const say = words.connect.views;
  const asked = useAsked(
    `sample ${view}`,
    (signal) => get("/views/:view", { params: { view: view as "vw_health" }, query: { limit: ROWS }, signal }),
    view === "vw_raw_events" ? ["ingest"] : ["predictions", "health"],
  );
  const rows = asked.data?.rows ?? [];
  return (
    <>
      {asked.data === null && asked.fault !== null && <FaultNote fault={asked.fault} retry={asked.retry} />}
      {asked.data !== null && rows.length === 0 && <p>{say.noRows}</p>}
      <table class="view-table">
        <thead>
          <tr>
            <th scope="col">{say.column}</th>
            {rows.map((_, n) => (
              <th key={n} scope="col">
                {say.row(n + 1)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map(({ name, meaning, schema }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
                <span class="second">
                  {typeInWords(schema)}
                  {meaning !== null && (
                    <>
                      : <ServerText text={meaning} />
                    </>
                  )}
                </span>
              </th>
              {rows.map((row, n) => (
                <Cell key={n} value={row[name]} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function typeInWords(schema: Readonly<Record<string, unknown>>): string {
  const { kinds, orNull } = words.connect.views;
  const { kind, isNullable, values } = columnType(schema);
  return `${kind === "choice" ? values.join(", ") : kinds[kind]}${isNullable ? ` ${orNull}` : ""}`;
}

function Cell({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <td class="second">{NONE}</td>;
  if (typeof value === "number") return <td>{Number.isInteger(value) ? String(value) : figure(value)}</td>;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length <= MOST_CHARACTERS) return <td>{text}</td>;
  return <td title={text}>{text.slice(0, MOST_CHARACTERS)}…</td>;
}
