import { copy } from "../../parts/fault-note.tsx";
import { words } from "../../words/words.ts";

/** Text to be pasted elsewhere. A field, so that it can be scrolled and marked by keyboard. */
export function Snippet({ text, name }: { readonly text: string; readonly name: string }) {
  const lines = text.trimEnd().split("\n").length;
  // A path has to be seen to its end; lines of YAML must not be broken.
  const isLine = lines === 1;
  return (
    <div class="snippet">
      <textarea
        class={isLine ? "line" : undefined}
        readOnly
        wrap={isLine ? "soft" : "off"}
        spellcheck={false}
        rows={isLine ? 2 : lines}
        value={text.trimEnd()}
        aria-label={name}
      />
      <button type="button" aria-label={words.connect.copyOf(name)} onClick={() => void copy(text)}>
        {words.connect.copy}
      </button>
    </div>
  );
}
