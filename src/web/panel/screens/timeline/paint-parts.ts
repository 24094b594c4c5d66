import type { Palette } from "./colours.ts";

export interface Brush {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  /** The picture's own part, px. */
  readonly left: number;
  readonly right: number;
  x(atMs: number): number;
}

/** Lines aslant over a faint ground. */
export function fillHatched({ context, left, right }: Brush, x: number, y: number, width: number, height: number, colour: string): void {
  const [from, to] = [Math.max(left, x), Math.min(right, x + width)];
  if (to <= from) return;
  context.save();
  context.beginPath();
  context.rect(from, y, to - from, height);
  context.clip();
  context.globalAlpha = 0.4;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  const step = 8;
  for (let at = Math.floor((from - height) / step) * step; at < to; at += step) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/** The first of the words that fits between two places, where they can be seen. */
export function textIn(
  { context, left, right }: Brush,
  texts: readonly string[],
  from: number,
  to: number,
  y: number,
  colour: string,
): void {
  const [start, end] = [Math.max(left, from) + 4, Math.min(right, to) - 4];
  const fitting = texts.find((text) => context.measureText(text).width <= end - start);
  if (fitting === undefined) return;
  context.fillStyle = colour;
  context.fillText(fitting, start, y);
}
