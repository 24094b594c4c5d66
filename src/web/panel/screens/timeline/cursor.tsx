import { wholeStamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { View } from "./view.ts";

interface CursorProps {
  readonly atMs: number;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly gridMs: number;
  readonly move: (atMs: number) => void;
}

/** The instant that is looked at: a line that arrow keys move by a window, with Shift by an hour. */
export function Cursor({ atMs, view, width, height, gridMs, move }: CursorProps) {
  const place = ((atMs - view.fromMs) / (view.toMs - view.fromMs)) * width;
  if (place < 0 || place > width) return null;
  return (
    <div
      class="cursor"
      role="slider"
      tabIndex={0}
      aria-label={words.timeline.cursor}
      aria-valuemin={Math.round(view.fromMs / 60_000)}
      aria-valuemax={Math.round(view.toMs / 60_000)}
      aria-valuenow={Math.round(atMs / 60_000)}
      aria-valuetext={wholeStamp(atMs)}
      style={{ left: `${place}px`, height: `${height}px` }}
      onKeyDown={(event) => {
        const step = event.shiftKey ? 3_600_000 : gridMs;
        const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        move(Math.min(view.toMs, Math.max(view.fromMs, atMs + by)));
      }}
    />
  );
}
