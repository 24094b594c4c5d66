import { Card } from "../../parts/card.tsx";
import { LabelForm } from "../../parts/label-form.tsx";
import { known } from "../../parts/no-target.tsx";
import { Time } from "../../parts/time.tsx";
import { words } from "../../words/words.ts";
import { draft, removeDraft, saveDraft } from "./draft.ts";

/** The selected label in words and fields; on a phone a sheet where the thumb is. */
export function EditCard({ target, then }: { readonly target: string; readonly then: () => void }) {
  const of = draft.value;
  const say = words.timeline.edit;
  if (of === null) return null;
  const { label, suggestion } = of;
  const title = label !== null ? say.selected : suggestion !== null ? say.suggestion : say.new;
  return (
    <Card title={title} asked={known(of)} class="edit-card">
      {() => (
        <>
          {label !== null && (
            <p class="second">
              {words.labelling.sourceOf(label.source)}
              {label.saidBy !== null && `, ${label.saidBy}`}, <Time utc={label.capturedAtUtc} />
            </p>
          )}
          <LabelForm
            fields={of}
            change={(fields) => {
              draft.value = { ...of, ...fields };
            }}
            save={async () => {
              if (await saveDraft(target)) then();
            }}
            cancel={() => {
              draft.value = null;
            }}
            actions={
              label !== null && (
                <button type="button" onClick={() => void removeDraft().then(then)}>
                  {words.labelling.remove}
                </button>
              )
            }
          />
          <p class="second edit-hint">{say.hint}</p>
        </>
      )}
    </Card>
  );
}
