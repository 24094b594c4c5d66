import { currentMs } from "../client/clock.ts";
import { ago, at, stamp, until, wholeStamp } from "../words/times.ts";

/** An instant in words, with all of it in the tooltip. */
export function Time({ utc, as = "stamp" }: { readonly utc: string; readonly as?: "stamp" | "ago" | "until" }) {
  // Words that tell a distance grow old.
  if (as !== "stamp") void currentMs.value;
  const atMs = at(utc);
  return (
    <time dateTime={utc} title={wholeStamp(atMs)}>
      {as === "ago" ? ago(atMs) : as === "until" ? until(atMs) : stamp(atMs)}
    </time>
  );
}
