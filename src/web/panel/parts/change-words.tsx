import type { Item } from "../client/client.ts";
import { titleOf, whomOf } from "../words/subject.ts";
import { at, dateText } from "../words/times.ts";
import { changeInWords } from "../words/words.ts";
import { ServerText } from "./fault-note.tsx";

/** A change of habit in a sentence of the person's language: the panel's own, or the app's where that is English too. */
export function ChangeWords({ change }: { readonly change: Item<"/changes"> }) {
  const own = changeInWords?.(change, whomOf(change), dateText(at(change.changeAtUtc))) ?? null;
  return <>{own ?? (change.words === null ? titleOf(change) : <ServerText text={change.words} />)}</>;
}
