import { useState } from "preact/hooks";
import { LabelForm } from "../../parts/label-form.tsx";
import { acceptSuggestions, addLabel, correctLabel, type Label, removeLabel, sayNone } from "../../parts/label-writes.ts";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { at, dayText, rangeText } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { Night } from "./nights.ts";

interface NightRowProps {
  readonly target: string;
  readonly night: Night;
  readonly isChosen: boolean;
  readonly choose: (isChosen: boolean) => void;
  readonly again: () => void;
}

/** A night by the days it joins, with what was said of it and what can be done. */
export function NightRow({ target, night, isChosen, choose, again }: NightRowProps) {
  const say = words.labels;
  const { date, fromMs, toMs, labels, suggestion, state } = night;
  const name = say.night(dayText(fromMs), dayText(toMs));
  const [isAdding, setAdding] = useState(false);
  const done = (change: Promise<unknown>): void => void change.then(again);
  return (
    <li class="night-row" data-state={state}>
      <label class="night-name">
        <input type="checkbox" checked={isChosen} onInput={({ currentTarget }) => choose(currentTarget.checked)} />
        <span>{name}</span>
      </label>
      <span class="night-state">
        <span class="mark" aria-hidden="true" />
        {say.states[state]}
      </span>
      {labels.map((label) => (
        <LabelRow key={label.id} label={label} again={again} />
      ))}
      {state === "suggested" && suggestion !== null && (
        <p class="night-said">{say.thought(rangeText(at(suggestion.startUtc), at(suggestion.endUtc)))}</p>
      )}
      {labels.length === 0 && (
        <p class="actions">
          {suggestion !== null && (
            <button type="button" class="primary" onClick={() => done(acceptSuggestions(target, [suggestion]))}>
              {say.acceptOne}
            </button>
          )}
          <a class="button" href={hrefOf(`/timeline/${date}`, { target, draw: "1" })}>
            {say.draw}
          </a>
          <button type="button" onClick={() => setAdding(!isAdding)} aria-expanded={isAdding}>
            {say.type}
          </button>
          {state !== "excluded" && (
            <>
              <button type="button" onClick={() => done(sayNone(target, [date], { fromMs, toMs }))}>
                {say.none}
              </button>
              <button type="button" onClick={() => done(addLabel(target, "excluded", { fromMs, toMs }))}>
                {say.exclude}
              </button>
            </>
          )}
        </p>
      )}
      {isAdding && <NewLabel target={target} night={night} close={() => setAdding(false)} again={again} />}
    </li>
  );
}

function LabelRow({ label, again }: { readonly label: Label; readonly again: () => void }) {
  const say = words.labels;
  const { kind, startUtc, endUtc, source, saidBy, capturedAtUtc, localDate, target, id } = label;
  const stored = { kind, fromMs: at(startUtc), toMs: at(endUtc) };
  const [fields, setFields] = useState<typeof stored | null>(null);
  const done = (change: Promise<unknown>): void => void change.then(again);
  return (
    <div class="night-label" data-kind={kind}>
      <div class="night-about">
        <p class="night-said">
          {words.labelling.kinds[kind]}: {rangeText(stored.fromMs, stored.toMs)}
        </p>
        <p class="second">
          {words.labelling.sourceOf(source)}
          {saidBy !== null && `, ${saidBy}`}, <Time utc={capturedAtUtc} />
        </p>
      </div>
      {fields === null ? (
        <p class="actions">
          <button type="button" onClick={() => setFields(stored)}>
            {say.correct}
          </button>
          <a class="button" href={hrefOf(`/timeline/${localDate}`, { target, label: String(id) })}>
            {say.onTimeline}
          </a>
          {kind !== "excluded" && (
            <button type="button" onClick={() => done(correctLabel(label, "excluded", stored))}>
              {say.exclude}
            </button>
          )}
          <button type="button" onClick={() => done(removeLabel(label))}>
            {words.labelling.remove}
          </button>
        </p>
      ) : (
        <LabelForm
          fields={fields}
          change={setFields}
          save={async () => {
            if ((await correctLabel(label, fields.kind, fields)) !== null) setFields(null);
            again();
          }}
          cancel={() => setFields(null)}
        />
      )}
    </div>
  );
}

const HOUR_MS = 3_600_000;

function NewLabel({ target, night, close, again }: Pick<NightRowProps, "target" | "night" | "again"> & { readonly close: () => void }) {
  const { fromMs, suggestion } = night;
  const [fields, setFields] = useState({
    kind: "positive" as const as Label["kind"],
    fromMs: suggestion === null ? fromMs + 11 * HOUR_MS : at(suggestion.startUtc),
    toMs: suggestion === null ? fromMs + 19 * HOUR_MS : at(suggestion.endUtc),
  });
  return (
    <LabelForm
      fields={fields}
      change={setFields}
      save={async () => {
        if ((await addLabel(target, fields.kind, fields)) !== null) close();
        again();
      }}
      cancel={close}
    />
  );
}
