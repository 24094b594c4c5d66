import { words } from "../../words/words.ts";
import { lookOf } from "./colours.ts";
import type { Activity, Lane } from "./data.ts";
import { type Brush, fillHatched, textIn } from "./paint-parts.ts";

type Body = { readonly top: number; readonly height: number };
const INK = "#141414";

/** A numeric lane is a line over its own range, any other one bands with their state in words. */
export function paintStates(brush: Brush, lane: Lane, body: Body): void {
  if (lane.unit !== null || lane.kind === "numeric") paintNumbers(brush, lane, body);
  else paintBands(brush, lane, body);
}

function paintBands(brush: Brush, { bands }: Lane, { top, height }: Body): void {
  const { context, palette, x, left, right } = brush;
  const [y, tall] = [top + 5, height - 10];
  for (const { fromMs, toMs, state, changes } of bands) {
    const [from, to] = [x(fromMs), x(toMs)];
    if (to < left || from > right) continue;
    const wide = Math.max(1, to - from);
    const look = state === null ? null : lookOf(state);
    if (look === null) {
      context.fillStyle = "#ffb74d";
      context.globalAlpha = 0.55;
      context.fillRect(from, y, wide, tall);
      context.globalAlpha = 1;
      textIn(brush, [words.timeline.mixed(changes)], from, to, y + tall / 2, palette.text);
    } else if (look.kind === "unknown") fillHatched(brush, from, y, wide, tall, palette.second);
    else if (look.kind === "quiet") {
      context.fillStyle = palette.text;
      context.globalAlpha = 0.08;
      context.fillRect(from, y, wide, tall);
      context.globalAlpha = 1;
      textIn(brush, [state!], from, to, y + tall / 2, palette.second);
    } else {
      context.fillStyle = look.colour;
      context.fillRect(from, y, wide, tall);
      textIn(brush, [state!], from, to, y + tall / 2, INK);
    }
  }
}

function paintNumbers({ context, palette, x }: Brush, { bands }: Lane, { top, height }: Body): void {
  const numbers = bands.flatMap(({ state }) => (state === null || state === "" || Number.isNaN(Number(state)) ? [] : [Number(state)]));
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const y = (value: number): number => top + height - 5 - ((value - least) / (most - least || 1)) * (height - 10);
  context.strokeStyle = palette.primary;
  context.lineWidth = 1.5;
  context.beginPath();
  let isDrawing = false;
  for (const { fromMs, toMs, state } of bands) {
    const value = state === null || state === "" ? Number.NaN : Number(state);
    // Several values within a column: the line goes straight on to the next one.
    if (state === null) continue;
    if (Number.isNaN(value)) {
      isDrawing = false;
      continue;
    }
    if (isDrawing) context.lineTo(x(fromMs), y(value));
    else context.moveTo(x(fromMs), y(value));
    context.lineTo(x(toMs), y(value));
    isDrawing = true;
  }
  context.stroke();
}

/** The stronger, the more went on; by the logarithm, as people feel it. */
export function paintActivity(
  brush: Brush,
  { columnEndsMs, columnMs }: Activity,
  { perHour }: Activity["lanes"][number],
  { top, height }: Body,
): void {
  const { context, palette, x } = brush;
  const most = Math.log1p(Math.max(1, ...perHour.map((value) => value ?? 0)));
  const [y, tall] = [top + 5, height - 10];
  context.fillStyle = palette.text;
  context.globalAlpha = 0.06;
  context.fillRect(brush.left, y, brush.right - brush.left, tall);
  context.fillStyle = palette.primary;
  for (const [k, value] of perHour.entries()) {
    if (value === null) continue;
    const endMs = columnEndsMs[k]!;
    const [from, to] = [x(endMs - columnMs), x(endMs)];
    context.globalAlpha = 0.9 * (Math.log1p(value) / most);
    context.fillRect(from, y, Math.max(1, to - from + 0.3), tall);
  }
  context.globalAlpha = 1;
}
