import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { themeChanges } from "../../parts/chart-colours.ts";
import { useWidth } from "../../parts/width.ts";
import { percent } from "../../words/numbers.ts";
import { dateText, duration, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { GUTTER, HEIGHT, paintMap } from "./paint-map.ts";
import { beginnings, type Reading, type RunLengths, readingAt } from "./run-lengths.ts";

/** The picture, and a slider along its time that reads each step in words: by pointer, finger or arrow keys. */
export function HeatMap({ map }: { readonly map: RunLengths }) {
  const say = words.changes.heat;
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(frame);
  const [chosen, setChosen] = useState<number | null>(null);
  const column = Math.min(chosen ?? map.columns - 1, map.columns - 1);

  const theme = themeChanges.value;
  useLayoutEffect(() => {
    if (width <= GUTTER) return;
    const picture = canvas.current!;
    picture.width = Math.round(width * devicePixelRatio);
    picture.height = Math.round(HEIGHT * devicePixelRatio);
    const context = picture.getContext("2d")!;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paintMap(context, map, width);
  }, [map, width, theme]);

  const wide = Math.max(1, width - GUTTER);
  function look({ offsetX }: PointerEvent): void {
    const at = Math.floor(((offsetX - GUTTER) / wide) * map.columns);
    if (at >= 0 && at < map.columns) setChosen(at);
  }
  const inWords = readingText(readingAt(map, column));
  const [from, to] = [map.firstEndMs - map.stepMs, map.firstEndMs + (map.columns - 1) * map.stepMs];
  return (
    <>
      <p class="second">{say.axis}</p>
      <div class="heat-map" ref={frame}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={say.picture(dateText(from), dateText(to), beginnings(map).length)}
          style={{ height: `${HEIGHT}px` }}
          onPointerMove={look}
          onPointerDown={look}
        />
        <span class="heat-cursor" aria-hidden="true" style={{ left: `${GUTTER + (wide * (column + 0.5)) / map.columns}px` }} />
      </div>
      <p class="heat-reading">
        <label for={id} class="hidden">
          {say.at}
        </label>
        <input
          id={id}
          type="range"
          min={0}
          max={map.columns - 1}
          value={column}
          aria-valuetext={inWords}
          onInput={({ currentTarget }) => setChosen(Number(currentTarget.value))}
        />
        <output for={id}>{inWords}</output>
      </p>
      <p class="heat-legend second">
        <span>{say.least}</span>
        <span class="heat-shades" aria-hidden="true" />
        <span>{say.most}</span>
      </p>
    </>
  );
}

function readingText({ atMs, lengthMs, probability }: Reading): string {
  const say = words.changes.heat;
  return lengthMs === null ? say.notYet(stamp(atMs)) : say.reading(stamp(atMs), duration(lengthMs), percent(probability));
}
