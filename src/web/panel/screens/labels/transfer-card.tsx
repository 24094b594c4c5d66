import { useRef, useState } from "preact/hooks";
import { fileAddress, post } from "../../client/client.ts";
import { Card } from "../../parts/card.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { changeLabels, type Told } from "../../parts/label-writes.ts";
import { known } from "../../parts/no-target.tsx";
import { say as tell } from "../../shell/toast.tsx";
import { words } from "../../words/words.ts";

const MOST_BYTES = 1_000_000;
const EVER = { fromMs: 0, toMs: Date.UTC(9999, 0, 1) };

/** Labels from a file and into one. */
export function TransferCard({ target, then }: { readonly target: string; readonly then: () => void }) {
  const say = words.labels.transfer;
  const file = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState<Told | null>(null);
  async function take(chosen: File | undefined): Promise<void> {
    if (chosen === undefined) return;
    if (chosen.size > MOST_BYTES) tell(say.tooLarge);
    else {
      const csv = await chosen.text();
      let done: Told | null = null;
      await changeLabels(target, EVER, say.done, async () => {
        done = await post("/labels/import", { target, csv });
        return done;
      });
      setTold(done);
      then();
    }
    // The same file may be chosen again once it is put right.
    if (file.current !== null) file.current.value = "";
  }
  return (
    <Card title={say.title} asked={known(true)}>
      {() => (
        <>
          <p>{say.how}</p>
          <p>
            <label class="file">
              {say.choose}
              <input
                ref={file}
                type="file"
                accept=".csv,text/csv,text/plain"
                onChange={({ currentTarget }) => void take(currentTarget.files?.[0])}
              />
            </label>
          </p>
          {told !== null && (
            <div role="status">
              <p>{say.told(told.added, told.replaced, told.known, told.rejected.length)}</p>
              {told.rejected.length > 0 && (
                <ul class="rejected">
                  {told.rejected.map(({ line, reason }) => (
                    <li key={line}>
                      {say.line(line)} <ServerText text={reason} />
                    </li>
                  ))}
                </ul>
              )}
            </div>
          )}
          <p>
            <a class="button" href={fileAddress("/exports/:view", { params: { view: "vw_labels" }, query: { format: "csv" } })} download>
              {say.export}
            </a>
          </p>
        </>
      )}
    </Card>
  );
}
