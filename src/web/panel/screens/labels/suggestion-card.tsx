import { useState } from "preact/hooks";
import type { Asked } from "../../client/asked.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { acceptSuggestions, type Suggestion } from "../../parts/label-writes.ts";
import { hrefOf } from "../../shell/route.ts";
import { at, rangeText } from "../../words/times.ts";
import { words } from "../../words/words.ts";

interface SuggestionCardProps {
  readonly target: string;
  readonly asked: Asked<{ readonly suggestions: readonly Suggestion[] }>;
}

/** Nights that the home itself suggests; all are chosen, until a person knows better. */
export function SuggestionCard({ target, asked }: SuggestionCardProps) {
  const say = words.labels;
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  return (
    <Card
      title={say.suggestions}
      asked={asked}
      empty={({ suggestions }) => (suggestions.length === 0 ? <Empty>{say.noSuggestions}</Empty> : null)}
    >
      {({ suggestions }) => {
        const wanted = suggestions.filter(({ id }) => !left.has(id));
        return (
          <>
            <p class="second">{say.suggestionsWhy}</p>
            <ul class="suggestions">
              {suggestions.map(({ id, startUtc, endUtc }) => (
                <li key={id}>
                  <label>
                    <input
                      type="checkbox"
                      checked={!left.has(id)}
                      onInput={({ currentTarget }) => {
                        const next = new Set(left);
                        if (currentTarget.checked) next.delete(id);
                        else next.add(id);
                        setLeft(next);
                      }}
                    />
                    <span>{rangeText(at(startUtc), at(endUtc))}</span>
                  </label>
                  <a href={hrefOf("/timeline", { target, suggestion: String(id) })}>{say.look}</a>
                </li>
              ))}
            </ul>
            <p class="actions">
              <button
                type="button"
                class="primary"
                disabled={wanted.length === 0}
                onClick={() => void acceptSuggestions(target, wanted.slice(0, 100)).then(asked.retry)}
              >
                {say.accept(Math.min(100, wanted.length))}
              </button>
            </p>
          </>
        );
      }}
    </Card>
  );
}
