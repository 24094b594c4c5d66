import { nowMs } from "../../client/clock.ts";
import { datedText, duration, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { lastDay, neighbour, SPANS, spanShown, spanTo, type View, viewOf, zoomed } from "./view.ts";

interface RangeBarProps {
  readonly view: View;
  readonly show: (view: View) => void;
}

const DAY_MS = 86_400_000;

/** What is shown, to the minute, and the ways to see something else. */
export function RangeBar({ view, show }: RangeBarProps) {
  const say = words.timeline;
  const shown = spanShown(zone, view);
  const middleMs = (view.fromMs + view.toMs) / 2;
  return (
    <div class="range-bar">
      <div class="range">
        <button type="button" class="arrow" aria-label={say.earlier} onClick={() => show(neighbour(zone, view, -1))}>
          ‹
        </button>
        <p class="range-text" role="status">
          {datedText(view.fromMs)} → {datedText(view.toMs)} <span class="second">({duration(view.toMs - view.fromMs)})</span>
        </p>
        <button type="button" class="arrow" aria-label={say.later} onClick={() => show(neighbour(zone, view, 1))}>
          ›
        </button>
      </div>
      <fieldset class="spans" aria-label={say.zoom}>
        {SPANS.map((span) => (
          <button
            key={span}
            type="button"
            aria-pressed={shown === span}
            onClick={() => show(spanTo(zone, span, Math.min(lastDay(zone, view), zone.dayAt(nowMs()) + (span === "night" ? 1 : 0))))}
          >
            {say.spans[span]}
          </button>
        ))}
        <button type="button" class="arrow" aria-label={say.farther} onClick={() => show(zoomed(view, 2, middleMs))}>
          −
        </button>
        <button type="button" class="arrow" aria-label={say.closer} onClick={() => show(zoomed(view, 0.5, middleMs))}>
          +
        </button>
        <button type="button" onClick={() => show(viewOf({ rest: [], query: {} }, zone, nowMs()))}>
          {say.now}
        </button>
        <input
          id="go-to-date"
          type="date"
          aria-label={say.goTo}
          value={new Date(lastDay(zone, view) * DAY_MS).toISOString().slice(0, 10)}
          onChange={({ currentTarget: { value } }) => {
            if (value !== "") show(spanTo(zone, shown ?? "night", Math.round(Date.parse(value) / DAY_MS)));
          }}
        />
      </fieldset>
    </div>
  );
}
