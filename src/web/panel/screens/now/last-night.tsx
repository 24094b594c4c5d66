import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { currentMs } from "../../client/clock.ts";
import { hrefOf } from "../../shell/route.ts";
import { clockText, duration, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { goesOn, lastNight, type Night, nightOf, type Span } from "./night.ts";

const COLUMNS = 288;

/** Last night in one line: what was said of it, or what the model thinks it was. */
export function LastNight({ target }: { readonly target: string }) {
  const night = lastNight(zone, currentMs.value);
  const range = { from: new Date(night.fromMs).toISOString(), to: new Date(night.toMs).toISOString() };
  const asked = useAsked(
    `night ${target} ${night.day}`,
    async (signal) => {
      const [labels, curve] = await Promise.all([
        get("/labels", { query: { target, status: "active", ...range, limit: 20 }, signal }),
        get("/predictions/curve", { query: { target, columns: COLUMNS, ...range }, signal }),
      ]);
      return nightOf(labels.items, curve);
    },
    ["predictions", "health"],
  );
  const say = words.now.night;
  if (asked.data === null) return <p class="night second">{asked.fault === null ? "\u00a0" : say.unknown}</p>;
  const isGoingOn = goesOn(asked.data, currentMs.value);
  return (
    <p class="night">
      <a href={hrefOf(`/timeline/${zone.dateAt(night.toMs)}`, { target })}>{isGoingOn ? say.soFar : say.title}</a>{" "}
      {isGoingOn ? say.goingOn(spansInWords(asked.data.thought)) : nightInWords(asked.data)}
    </p>
  );
}

function nightInWords({ said, thought }: Night): string {
  const say = words.now.night;
  if (said === "none") return say.saidNone;
  if (said !== null) return say.said(spansInWords(said));
  if (thought.length > 0) return say.thought(spansInWords(thought));
  return say.nothing;
}

function spansInWords(spans: readonly Span[]): string {
  const totalMs = spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const parts = spans.map(({ fromMs, toMs }) => `${clockText(fromMs)}–${clockText(toMs)}`);
  return `${parts.join(", ")} (${duration(totalMs)})`;
}
