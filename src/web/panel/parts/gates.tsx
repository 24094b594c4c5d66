import type { OverviewBody } from "../../api/routes.ts";
import { figure } from "../words/numbers.ts";
import { words } from "../words/words.ts";

export type Gate = NonNullable<OverviewBody["targets"][number]["readiness"]>["gates"][number];

/** How far a target has come to its next stage, gate by gate. */
export function Gates({ gates }: { readonly gates: readonly Gate[] }) {
  return (
    <ul class="gates">
      {gates.map(({ gate, have, need, met }) => {
        const name = words.gates.names[gate] ?? gate.replaceAll("_", " ");
        const isMet = met ?? (have !== null && need !== null && have >= need);
        return (
          <li key={gate} class={isMet ? "met" : "unmet"}>
            <span class="gate-name">
              <span aria-hidden="true">{isMet ? "✓" : "○"}</span> {name}
            </span>
            <span class="gate-count">
              {have === null ? words.gates.notMeasured : need === null ? figure(have) : words.gates.of(figure(have), figure(need))}
              <span class="hidden"> {isMet ? words.gates.met : words.gates.unmet}</span>
            </span>
            {need !== null && <progress max={need} value={Math.min(have ?? 0, need)} aria-label={name} />}
          </li>
        );
      })}
    </ul>
  );
}
