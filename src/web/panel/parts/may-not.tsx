import { may, me } from "../client/session.ts";
import { words } from "../words/words.ts";

/** Stands where a button would be that only an administrator may press: why it is not there. Nothing where it is. */
export function MayNot() {
  if (me.value === null || may("admin")) return null;
  const { kind, isRankKnown } = me.value;
  const say = words.job.mayNot;
  return <p class="second may-not">{kind !== "home assistant" ? say.token : isRankKnown ? say.user : say.unknown}</p>;
}
