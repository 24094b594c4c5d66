import { useId, useState } from "preact/hooks";
import "./label-form.css";
import { duration, wholeStamp, zone } from "../words/times.ts";
import { words } from "../words/words.ts";
import { LABEL_KINDS, type LabelKind, type Span } from "./label-writes.ts";

export interface LabelFields extends Span {
  readonly kind: LabelKind;
}

interface LabelFormProps {
  readonly fields: LabelFields;
  readonly change: (fields: LabelFields) => void;
  readonly save: () => Promise<unknown>;
  readonly cancel: () => void;
  /** Beside Save: delete, a link. */
  readonly actions?: preact.ComponentChildren;
}

/** Both ends of a label and what it says, typed: the twin of every drag. */
export function LabelForm({ fields, change, save, cancel, actions }: LabelFormProps) {
  const say = words.labelling;
  const id = useId();
  const [isSaving, setSaving] = useState(false);
  const { fromMs, toMs, kind } = fields;
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setSaving(true);
    await save();
    setSaving(false);
  }
  return (
    <form class="label-form" onSubmit={(event) => void submit(event)}>
      <p>
        <label for={`${id}from`}>{say.start}</label>
        <WallClock id={`${id}from`} atMs={fromMs} change={(atMs) => change({ ...fields, fromMs: atMs })} />
      </p>
      <p>
        <label for={`${id}to`}>{say.end}</label>
        <WallClock id={`${id}to`} atMs={toMs} change={(atMs) => change({ ...fields, toMs: atMs })} />
      </p>
      <p>
        <label for={`${id}kind`}>{say.kind}</label>
        <select
          id={`${id}kind`}
          value={kind}
          onInput={({ currentTarget }) => change({ ...fields, kind: currentTarget.value as LabelKind })}
        >
          {LABEL_KINDS.map((each) => (
            <option key={each} value={each}>
              {say.kinds[each]}
            </option>
          ))}
        </select>
      </p>
      <p class="label-length" role="status">
        {toMs > fromMs ? duration(toMs - fromMs) : say.endFirst}
      </p>
      <p class="actions">
        <button type="submit" class="primary" disabled={isSaving || toMs <= fromMs}>
          {say.save}
        </button>
        <button type="button" onClick={cancel}>
          {say.cancel}
        </button>
        {actions}
      </p>
    </form>
  );
}

/** A wall clock in the home's zone. Untouched it keeps its instant to the millisecond, also in an hour that comes twice. */
function WallClock({ id, atMs, change }: { readonly id: string; readonly atMs: number; readonly change: (atMs: number) => void }) {
  return (
    <input
      id={id}
      type="datetime-local"
      required
      title={wholeStamp(atMs)}
      value={zone.wallClockAt(atMs)}
      onInput={({ currentTarget: { value } }) => {
        if (value !== "" && value !== zone.wallClockAt(atMs)) change(zone.instantOf(value));
      }}
    />
  );
}
