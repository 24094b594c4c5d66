import { count } from "../words/numbers.ts";
import { words } from "../words/words.ts";

/** How much of a list is shown, and the button for the rest of it. */
export function More({ shown, total, more }: { readonly shown: number; readonly total: number; readonly more: () => void }) {
  if (shown >= total) return null;
  return (
    <p class="actions more">
      <button type="button" onClick={more}>
        {words.list.more}
      </button>
      <span class="second">{words.list.of(count(shown), count(total))}</span>
    </p>
  );
}
