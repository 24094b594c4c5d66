import { useState } from "preact/hooks";
import { nowMs } from "../../client/clock.ts";
import { LabelForm } from "../../parts/label-form.tsx";
import { addLabel, type LabelKind } from "../../parts/label-writes.ts";
import { hrefOf } from "../../shell/route.ts";
import { words } from "../../words/words.ts";

const HOUR_MS = 3_600_000;

/** Any span, not only a night: a nap, a holiday that does not count. */
export function AddLabel({ target, then }: { readonly target: string; readonly then: () => void }) {
  const [fields, setFields] = useState<{ fromMs: number; toMs: number; kind: LabelKind } | null>(null);
  if (fields === null) {
    const toMs = Math.floor(nowMs() / HOUR_MS) * HOUR_MS;
    return (
      <p class="actions">
        <button type="button" onClick={() => setFields({ fromMs: toMs - HOUR_MS, toMs, kind: "positive" })}>
          {words.labels.add}
        </button>
        <a class="button" href={hrefOf("/timeline", { target, draw: "1" })}>
          {words.labels.draw}
        </a>
      </p>
    );
  }
  return (
    <LabelForm
      fields={fields}
      change={setFields}
      save={async () => {
        if ((await addLabel(target, fields.kind, fields)) !== null) setFields(null);
        then();
      }}
      cancel={() => setFields(null)}
    />
  );
}
