import { copy } from "../../parts/fault-note.tsx";
import { words } from "../../words/words.ts";

/** Text to be pasted elsewhere. A field, so that it can be scrolled and marked by keyboard. */
export function Snippet({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <div class="snippet">
      <textarea readOnly wrap="off" spellcheck={false} rows={text.trimEnd().split("\n").length} value={text.trimEnd()} aria-label={name} />
      <button type="button" aria-label={words.connect.copyOf(name)} onClick={() => void copy(text)}>
        {words.connect.copy}
      </button>
    </div>
  );
}
