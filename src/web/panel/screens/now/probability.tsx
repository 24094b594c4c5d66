import { ServerText } from "../../parts/fault-note.tsx";
import { Time } from "../../parts/time.tsx";
import { percent } from "../../words/numbers.ts";
import { stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { stateOf } from "./since.ts";
import type { Target } from "./target.ts";

/** The probability now, on or off, and since when that is so. */
export function Probability({ target }: { readonly target: Target }) {
  const { prediction } = target;
  const { probability, unavailableReason, windowEndUtc } = prediction;
  const say = words.now;
  if (probability === null) {
    return (
      <div class="probability">
        <p class="big none">–</p>
        <div>
          <p class="lead">{say.noAnswer}</p>
          <p>{reasonInWords(unavailableReason)}</p>
        </div>
      </div>
    );
  }
  const { isOn, sinceMs, isDecided } = stateOf(target);
  const state = isDecided ? (isOn ? say.on : say.off) : isOn ? say.likely : say.unlikely;
  return (
    <div class="probability">
      <p class="big">{percent(probability)}</p>
      <div>
        <p class="lead">
          {state}
          {sinceMs !== null && <span class="since"> {say.since(stamp(sinceMs))}</span>}
        </p>
        {sinceMs === null && <p class="second">{say.allDay}</p>}
        {windowEndUtc !== null && (
          <p class="second">
            {say.window} <Time utc={windowEndUtc} />
          </p>
        )}
      </div>
    </div>
  );
}

function reasonInWords(reason: string | null) {
  if (reason === null) return words.now.reasons.none;
  const [known] = reason.split(":");
  const own = words.now.reasons.of[known ?? ""];
  return own ?? <ServerText text={reason} />;
}
