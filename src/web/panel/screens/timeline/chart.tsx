import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { currentMs } from "../../client/clock.ts";
import { themeChanges } from "../../parts/chart-colours.ts";
import { useWidth } from "../../parts/width.ts";
import { count, percent } from "../../words/numbers.ts";
import { at, rangeText, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { Cursor } from "./cursor.tsx";
import { type Lane, mark, type TimelineData } from "./data.ts";
import { draft, draftOfLabel, draftOfSuggestion, edgesOf, snapped, withEnd } from "./draft.ts";
import { useGestures } from "./gestures.ts";
import { Handles } from "./handles.tsx";
import { AXIS_HEIGHT, bodyOf, layoutOf, peakOf } from "./layout.ts";
import { paint } from "./paint.ts";
import type { View } from "./view.ts";

interface ChartProps {
  readonly target: string;
  readonly view: View;
  readonly data: TimelineData;
  readonly lanes: readonly Lane[];
  /** Up to here the states of entities were looked at; null = not yet. */
  readonly reachedMs: number | null;
  readonly isLoading: boolean;
  readonly atMs: number;
  readonly show: (view: View) => void;
  readonly look: (atMs: number) => void;
}

const MINUTE_MS = 60_000;
const HIT_PX = 8;

/** One canvas for everything, so that all of it has one axis; names, handles and the cursor are elements above it. */
export function Chart({ target, view, data, lanes, reachedMs, isLoading, atMs, show, look }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(frame);
  const [hoverMs, setHover] = useState<number | null>(null);
  const layout = layoutOf(width, target, data, lanes);
  const wide = Math.max(1, width - layout.gutter);
  const selected = draft.value;
  const labelRow = layout.rows.find(({ kind }) => kind === "labels")!;
  const labelBody = bodyOf(labelRow, layout.gutter);
  const edges = edgesOf(data, lanes);
  const perPx = (view.toMs - view.fromMs) / wide;
  const instantAt = (x: number): number => view.fromMs + x * perPx;
  const minuteAt = (x: number): number => Math.round(instantAt(x) / MINUTE_MS) * MINUTE_MS;

  const theme = themeChanges.value;
  const nowMs = currentMs.value;
  const isLive = nowMs < view.toMs;
  useLayoutEffect(() => {
    if (width === 0) return;
    const picture = canvas.current!;
    const ratio = devicePixelRatio;
    if (picture.width !== Math.round(width * ratio) || picture.height !== Math.round(layout.height * ratio)) {
      picture.width = Math.round(width * ratio);
      picture.height = Math.round(layout.height * ratio);
    }
    const context = picture.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context, { view, layout, data, width, reachedMs, nowMs, hiddenLabel: selected?.label?.id ?? null });
  }, [view, data, lanes, reachedMs, width, theme, selected?.label?.id, isLive ? Math.floor(nowMs / (5 * MINUTE_MS)) : 0]);
  useEffect(() => {
    if (width === 0) return undefined;
    // After the frame that shows it.
    const wanted = requestAnimationFrame(() => setTimeout(() => mark("timeline drawn")));
    return () => cancelAnimationFrame(wanted);
  }, [data, width > 0]);

  const drawn = useRef(0);
  useGestures(plot, {
    view: () => view,
    width: () => wide,
    show,
    hover: (x) => setHover(x === null ? null : instantAt(x)),
    draws: (y) => y >= labelRow.top && y < labelRow.top + labelRow.height,
    drawFrom(x) {
      drawn.current = snapped(minuteAt(x), edges, 6 * perPx);
      draft.value = { fromMs: drawn.current, toMs: drawn.current + MINUTE_MS, kind: "positive", label: null, suggestion: null };
    },
    drawTo(x) {
      if (draft.value === null) return;
      const toMs = snapped(minuteAt(x), edges, 6 * perPx);
      const anchored = { ...draft.value, fromMs: drawn.current, toMs: drawn.current };
      draft.value = toMs < drawn.current ? withEnd(anchored, "start", toMs) : withEnd(anchored, "end", toMs);
    },
    tap(x, y) {
      const wanted = instantAt(x);
      if (y >= labelRow.top && y < labelRow.top + labelRow.height) {
        const reachMs = HIT_PX * perPx;
        const hits = ({ startUtc, endUtc }: { readonly startUtc: string; readonly endUtc: string }): boolean =>
          at(startUtc) - reachMs <= wanted && at(endUtc) + reachMs >= wanted;
        const label = data.labels.find(hits);
        const suggestion = data.suggestions.find(hits);
        if (label !== undefined) draft.value = draftOfLabel(label);
        else if (suggestion !== undefined) draft.value = draftOfSuggestion(suggestion);
        if (label !== undefined || suggestion !== undefined) return;
      }
      look(Math.round(wanted / MINUTE_MS) * MINUTE_MS);
    },
  });

  const say = words.timeline;
  const seen = hoverMs ?? atMs;
  const windows = data.curve.columns.reduce((sum, column) => sum + column.windows, 0);
  return (
    <div class="timeline-chart" ref={frame} aria-busy={isLoading}>
      <div class="picture" style={{ height: `${layout.height}px` }}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={say.picture(rangeText(view.fromMs, view.toMs), data.labels.length, peakOf(data))}
          style={{ width: `${width}px`, height: `${layout.height}px` }}
        />
        {layout.rows.map(({ key, title, top, height }) => (
          <span
            key={key}
            class={layout.gutter === 0 ? "row-name above" : "row-name"}
            title={title}
            style={{
              top: `${top}px`,
              height: layout.gutter === 0 ? "18px" : `${height}px`,
              width: layout.gutter === 0 ? "100%" : `${layout.gutter - 8}px`,
            }}
          >
            {title}
          </span>
        ))}
        <div class="plot" ref={plot} style={{ left: `${layout.gutter}px`, height: `${layout.height - AXIS_HEIGHT}px` }}>
          <Cursor atMs={atMs} view={view} width={wide} height={layout.height - AXIS_HEIGHT} gridMs={data.curve.gridMs} move={look} />
          {selected !== null && (
            <Handles of={selected} view={view} width={wide} top={labelBody.top} height={labelBody.height} edges={edges} show={show} />
          )}
        </div>
      </div>
      <p class="readout second">
        <span>
          {stamp(seen)}: {probabilityAt(data, seen)}
        </span>
        {data.curve.everyWindows > 1 && <span>{say.reduced(count(windows), count(data.curve.columns.length))}</span>}
      </p>
    </div>
  );
}

function probabilityAt({ curve }: TimelineData, atMs: number): string {
  const stepMs = curve.gridMs * curve.everyWindows;
  // The window that had just ended: what was known at that instant.
  const windowEndMs = Math.floor(atMs / curve.gridMs) * curve.gridMs;
  const column = curve.columns.find(({ endMs }) => endMs >= windowEndMs && endMs - stepMs < windowEndMs);
  const [least, most] = [percent(column?.least ?? null), percent(column?.most ?? null)];
  return least === most ? most : `${least}–${most}`;
}
