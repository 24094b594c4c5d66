import { useRef } from "preact/hooks";
import { duration, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { type Draft, draft, snapped, withEnd } from "./draft.ts";
import { moved, type View } from "./view.ts";

interface HandlesProps {
  readonly of: Draft;
  readonly view: View;
  /** px of the whole view. */
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly edges: readonly number[];
  readonly show: (view: View) => void;
}

const MINUTE_MS = 60_000;
const SNAP_PX = 6;
const EDGE_PX = 24;

/** The selected label with a handle at each end; nothing else has handles, so none lie upon each other. */
export function Handles(props: HandlesProps) {
  const { of, view, width, top, height } = props;
  const x = (atMs: number): number => ((atMs - view.fromMs) / (view.toMs - view.fromMs)) * width;
  const [from, to] = [x(of.fromMs), x(of.toMs)];
  const [left, right] = [Math.max(0, from), Math.min(width, to)];
  return (
    <>
      {right > left && (
        <div
          class={`draft ${of.kind}`}
          style={{ left: `${left}px`, width: `${right - left}px`, top: `${top + 4}px`, height: `${height - 8}px` }}
          aria-hidden="true"
        >
          <span>{duration(of.toMs - of.fromMs)}</span>
        </div>
      )}
      {from >= -1 && from <= width && <Handle {...props} end="start" place={from} />}
      {to >= 0 && to <= width + 1 && <Handle {...props} end="end" place={to} />}
    </>
  );
}

function Handle({
  of,
  view,
  width,
  top,
  height,
  edges,
  show,
  end,
  place,
}: HandlesProps & { readonly end: "start" | "end"; readonly place: number }) {
  const own = useRef({ view, width, edges, show });
  own.current = { view, width, edges, show };
  const drag = useRef<{ readonly box: DOMRect; readonly offset: number } | null>(null);
  const atMs = end === "start" ? of.fromMs : of.toMs;
  const set = (wantedMs: number): void => {
    if (draft.value !== null) draft.value = withEnd(draft.value, end, wantedMs);
  };
  function key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 60 : 5;
    const other = { ",": -1, ".": 1, ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step }[event.key];
    if (other !== undefined) set(atMs + other * MINUTE_MS);
    else if (event.key === "Home" || event.key === "End") {
      const nearest = event.key === "Home" ? edges.findLast((edge) => edge < atMs - 1000) : edges.find((edge) => edge > atMs + 1000);
      if (nearest !== undefined) set(nearest);
    } else return;
    event.preventDefault();
  }
  function move(event: PointerEvent): void {
    const held = drag.current;
    if (held === null) return;
    const { view: shown, width: wide, edges: near, show: scroll } = own.current;
    const at = event.clientX - held.box.left - held.offset;
    const perPx = (shown.toMs - shown.fromMs) / wide;
    const wantedMs = Math.round((shown.fromMs + at * perPx) / MINUTE_MS) * MINUTE_MS;
    set(event.ctrlKey ? wantedMs : snapped(wantedMs, near, SNAP_PX * perPx));
    if (at < EDGE_PX) scroll(moved(shown, -0.02));
    else if (at > wide - EDGE_PX) scroll(moved(shown, 0.02));
  }
  return (
    <div
      class={`handle ${end}`}
      role="slider"
      tabIndex={0}
      aria-label={end === "start" ? words.timeline.edit.start : words.timeline.edit.end}
      aria-valuemin={Math.round(view.fromMs / MINUTE_MS)}
      aria-valuemax={Math.round(view.toMs / MINUTE_MS)}
      aria-valuenow={Math.round(atMs / MINUTE_MS)}
      aria-valuetext={stamp(atMs)}
      style={{ left: `${place}px`, top: `${top}px`, height: `${height}px` }}
      onKeyDown={key}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
        const box = event.currentTarget.parentElement!.getBoundingClientRect();
        drag.current = { box, offset: event.clientX - box.left - place };
      }}
      onPointerMove={move}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    >
      <span aria-hidden="true" />
    </div>
  );
}
