import { useState } from "preact/hooks";
import { acceptSuggestions, addLabel, sayNone } from "../../parts/label-writes.ts";
import { useKeys } from "../../shell/keys.ts";
import { count } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { NightRow } from "./night-row.tsx";
import type { Night, NightState } from "./nights.ts";

interface NightListProps {
  readonly target: string;
  readonly nights: readonly Night[];
  readonly again: () => void;
  /** Null = there is nothing older. */
  readonly more: (() => void) | null;
}

const FILTERS = ["all", "said", "none", "excluded", "suggested", "missing"] as const;

/** The nights one below the other; several can be answered at once. */
export function NightList({ target, nights, again, more }: NightListProps) {
  const say = words.labels;
  const [filter, setFilter] = useState<"all" | NightState>("all");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  useKeys([{ keys: ["/"], words: words.keys.filter, run: () => document.querySelector<HTMLSelectElement>("#night-filter")?.focus() }]);
  const shown = nights.filter(({ state }) => filter === "all" || state === filter);
  const picked = shown.filter(({ date }) => chosen.has(date));
  const number = (state: NightState): number => nights.filter((night) => night.state === state).length;
  const suggested = picked.flatMap(({ suggestion }) => (suggestion === null ? [] : [suggestion]));
  const open = picked.filter(({ labels }) => labels.length === 0);
  const span = { fromMs: Math.min(...open.map(({ fromMs }) => fromMs)), toMs: Math.max(...open.map(({ toMs }) => toMs)) };
  async function done(change: Promise<unknown>): Promise<void> {
    await change;
    setChosen(new Set());
    again();
  }
  function choose(date: string, isChosen: boolean): void {
    const next = new Set(chosen);
    if (isChosen) next.add(date);
    else next.delete(date);
    setChosen(next);
  }
  return (
    <>
      <p class="night-sums">
        {say.sums(count(nights.length), count(number("said")), count(number("none")), count(number("missing") + number("suggested")))}
      </p>
      <div class="night-tools">
        <label for="night-filter">{say.show}</label>
        <select id="night-filter" value={filter} onInput={({ currentTarget }) => setFilter(currentTarget.value as typeof filter)}>
          {FILTERS.map((each) => (
            <option key={each} value={each}>
              {each === "all" ? say.all : say.states[each]}
            </option>
          ))}
        </select>
      </div>
      {picked.length > 0 && (
        <div class="night-bulk" role="status">
          <span>{say.chosen(picked.length)}</span>
          {suggested.length > 0 && (
            <button type="button" class="primary" onClick={() => void done(acceptSuggestions(target, suggested))}>
              {say.accept(suggested.length)}
            </button>
          )}
          {open.length > 0 && (
            <>
              <button
                type="button"
                onClick={() =>
                  void done(
                    sayNone(
                      target,
                      open.map(({ date }) => date),
                      span,
                    ),
                  )
                }
              >
                {say.noneFor(open.length)}
              </button>
              {open.length === 1 && (
                <button type="button" onClick={() => void done(addLabel(target, "excluded", span))}>
                  {say.exclude}
                </button>
              )}
            </>
          )}
          <button type="button" class="plain" onClick={() => setChosen(new Set())}>
            {words.labelling.cancel}
          </button>
        </div>
      )}
      {shown.length === 0 && <p class="second">{say.noneShown}</p>}
      <ul class="nights">
        {shown.map((night) => (
          <NightRow
            key={night.date}
            target={target}
            night={night}
            isChosen={chosen.has(night.date)}
            choose={(isChosen) => choose(night.date, isChosen)}
            again={again}
          />
        ))}
      </ul>
      {more !== null && (
        <button type="button" onClick={more}>
          {say.older}
        </button>
      )}
    </>
  );
}
