import { lastHeardMs, link } from "../client/live.ts";
import { me } from "../client/session.ts";
import { stamp } from "../words/times.ts";
import { words } from "../words/words.ts";

/** One line when what is shown may be old, or comes slower than usual. */
export function LinkNote() {
  const state = link.value;
  if (me.value === null || state === "live" || state === "connecting") return null;
  const since = lastHeardMs.value === null ? null : stamp(lastHeardMs.value);
  return (
    <p class="link-note" role="status">
      {state === "asking" ? words.link.asking : since === null ? words.states.noAnswer : words.link.away(since)}
    </p>
  );
}
