import { me } from "../client/session.ts";
import { go, route } from "../shell/route.ts";
import { nameInWords } from "../words/features.ts";
import { words } from "../words/words.ts";

/** The target that this screen is about: the one in the address, else the first; null where there is none. */
export function useTarget(): string | null {
  const targets = me.value?.targets ?? [];
  const asked = route.value.query["target"];
  return targets.find((name) => name === asked) ?? targets[0] ?? null;
}

/** Nothing where there is no choice. */
export function TargetChoice({ target }: { readonly target: string }) {
  const targets = me.value?.targets ?? [];
  if (targets.length < 2) return null;
  const { screen, rest, query } = route.value;
  return (
    <p class="target-choice">
      <label for="target-choice">{words.labelling.target}</label>{" "}
      <select
        id="target-choice"
        value={target}
        onInput={({ currentTarget }) =>
          go(`/${[screen, ...rest].join("/")}`, { query: { ...query, target: currentTarget.value }, replace: true })
        }
      >
        {targets.map((name) => (
          <option key={name} value={name}>
            {nameInWords(name)}
          </option>
        ))}
      </select>
    </p>
  );
}
