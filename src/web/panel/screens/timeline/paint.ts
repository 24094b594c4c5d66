import { percent, share } from "../../words/numbers.ts";
import { at, clockText, dayText, duration, monthText, zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { readPalette } from "./colours.ts";
import type { TimelineData } from "./data.ts";
import { AXIS_HEIGHT, bodyOf, type Layout } from "./layout.ts";
import { paintActivity, paintStates } from "./paint-lanes.ts";
import { type Brush, fillHatched, textIn } from "./paint-parts.ts";
import { ticksOf } from "./ticks.ts";
import type { View } from "./view.ts";

export interface Scene {
  readonly view: View;
  readonly layout: Layout;
  readonly data: TimelineData;
  readonly width: number;
  /** Up to here entities were looked at. */
  readonly reachedMs: number | null;
  readonly nowMs: number;
  /** The label that is being edited is drawn by its handles. */
  readonly hiddenLabel: number | null;
}

/** Draws all of it anew: a few milliseconds, whatever was zoomed. */
export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { view, layout, width } = scene;
  const palette = readPalette();
  const left = layout.gutter;
  const scale = (width - left) / (view.toMs - view.fromMs);
  const brush: Brush = { context, palette, left, right: width, x: (atMs) => left + (atMs - view.fromMs) * scale };
  context.clearRect(0, 0, width, layout.height);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "middle";
  paintAxis(brush, scene);
  const [curve] = layout.rows;
  if (curve !== undefined) paintScale(brush, bodyOf(curve, left));
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, layout.height - AXIS_HEIGHT);
  context.clip();
  for (const row of layout.rows) {
    const body = bodyOf(row, left);
    if (row.kind === "curve") paintCurve(brush, scene, body);
    else if (row.kind === "labels") paintLabels(brush, scene, body);
    else if (row.kind === "changes") paintChanges(brush, scene, body);
    else if (row.activity !== null && scene.data.activity !== null) paintActivity(brush, scene.data.activity, row.activity, body);
    else if (row.lane !== null) paintStates(brush, row.lane, body);
  }
  paintGaps(brush, scene);
  context.restore();
}

type Body = { readonly top: number; readonly height: number };

function paintAxis({ context, palette, left, right, x }: Brush, { view, layout }: Scene): void {
  const bottom = layout.height - AXIS_HEIGHT;
  const roomPx = 72;
  let freeFromPx = 0;
  for (const { atMs, kind, shiftMs } of ticksOf(view, zone, Math.max(2, Math.floor((right - left) / roomPx)))) {
    const place = Math.round(x(atMs)) + 0.5;
    const isShift = kind === "shift";
    context.strokeStyle = isShift ? palette.warning : palette.line;
    context.lineWidth = isShift ? 2 : 1;
    context.beginPath();
    context.moveTo(place, 0);
    context.lineTo(place, bottom + (isShift ? 0 : 6));
    context.stroke();
    const text = isShift
      ? words.timeline.clocks(`${shiftMs > 0 ? "+" : "−"}${duration(Math.abs(shiftMs))}`)
      : kind === "day"
        ? dayText(atMs)
        : kind === "month"
          ? monthText(atMs)
          : clockText(atMs);
    const size = context.measureText(text).width;
    const start = Math.min(right - size, Math.max(left, place - size / 2));
    if (isShift) {
      context.fillStyle = palette.text;
      context.fillText(text, Math.min(right - size, place + 4), 8);
    } else if (start >= freeFromPx) {
      context.fillStyle = kind === "minute" ? palette.second : palette.text;
      context.fillText(text, start, bottom + 17);
      freeFromPx = start + size + 8;
    }
  }
}

const heightOf = (probability: number, { top, height }: Body): number => top + 6 + (1 - probability) * (height - 12);

/** None, half and all of the probability, beside the picture or in it where there is no room. */
function paintScale({ context, palette, left, right }: Brush, body: Body): void {
  const y = (probability: number): number => heightOf(probability, body);
  context.lineWidth = 1;
  context.strokeStyle = palette.line;
  context.fillStyle = palette.second;
  for (const probability of [0, 0.5, 1]) {
    const text = share(probability);
    const isBeside = left > 0;
    context.fillText(
      text,
      isBeside ? left - 6 - context.measureText(text).width : right - context.measureText(text).width - 2,
      y(probability) - (isBeside ? 0 : 7),
    );
    context.beginPath();
    context.setLineDash(probability === 0.5 ? [4, 4] : []);
    context.moveTo(left, Math.round(y(probability)) + 0.5);
    context.lineTo(right, Math.round(y(probability)) + 0.5);
    context.stroke();
  }
  context.setLineDash([]);
}

/** The mean as a line, the extremes of each column as a band about it; a break where there was no answer. */
function paintCurve({ context, palette, x }: Brush, { data: { curve } }: Scene, { top, height }: Body): void {
  const y = (probability: number): number => heightOf(probability, { top, height });
  const stepMs = curve.gridMs * curve.everyWindows;
  const { columns } = curve;
  context.fillStyle = palette.primary;
  context.globalAlpha = 0.25;
  for (const { endMs, least, most } of columns) {
    if (least === null || most === null || most - least < 0.01) continue;
    const start = x(endMs - stepMs);
    context.fillRect(start, y(most), Math.max(1, x(endMs) - start), y(least) - y(most));
  }
  context.globalAlpha = 1;
  // Decided as on: a second sign beside the height.
  for (const { endMs, on, windows } of columns) {
    if (windows > 0 && on * 2 >= windows && on > 0)
      context.fillRect(x(endMs - stepMs), top + height - 5, x(endMs) - x(endMs - stepMs) + 0.5, 4);
  }
  context.strokeStyle = palette.primary;
  context.lineWidth = 2;
  context.beginPath();
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const { endMs, mean } of columns) {
    if (mean === null) continue;
    if (endMs - beforeMs > stepMs * 1.5) context.moveTo(x(endMs - stepMs), y(mean));
    context.lineTo(x(endMs), y(mean));
    beforeMs = endMs;
  }
  context.stroke();
}

function paintLabels(brush: Brush, { data, hiddenLabel }: Scene, { top, height }: Body): void {
  const { context, palette, x } = brush;
  const [y, tall] = [top + 6, height - 12];
  for (const { id, kind, startUtc, endUtc } of data.labels) {
    if (id === hiddenLabel) continue;
    const [from, to] = [x(at(startUtc)), x(at(endUtc))];
    const wide = Math.max(2, to - from);
    if (kind === "excluded") fillHatched(brush, from, y, wide, tall, palette.second);
    else {
      context.globalAlpha = kind === "positive" ? 0.3 : 0.12;
      context.fillStyle = kind === "positive" ? palette.primary : palette.second;
      context.fillRect(from, y, wide, tall);
      context.globalAlpha = 1;
    }
    context.strokeStyle = kind === "positive" ? palette.primary : palette.second;
    context.lineWidth = 1;
    context.strokeRect(from + 0.5, y + 0.5, Math.max(1, wide - 1), tall - 1);
    const length = duration(at(endUtc) - at(startUtc));
    textIn(brush, kind === "positive" ? [length] : [words.labelling.kinds[kind]], from, to, y + tall / 2, palette.text);
  }
  context.setLineDash([5, 4]);
  for (const { startUtc, endUtc } of data.suggestions) {
    const [from, to] = [x(at(startUtc)), x(at(endUtc))];
    context.strokeStyle = palette.warning;
    context.lineWidth = 2;
    context.strokeRect(from + 1, y + 1, Math.max(2, to - from - 2), tall - 2);
    textIn(brush, [words.timeline.edit.suggestion, words.labels.states.suggested], from, to, y + tall / 2, palette.text);
  }
  context.setLineDash([]);
}

/** The interval in which it began, the likeliest instant in it, and how likely it is that anything changed at all. */
function paintChanges(brush: Brush, { data: { changes } }: Scene, { top, height }: Body): void {
  const { context, palette, x } = brush;
  let freeFromPx = 0;
  for (const { startLowUtc, startHighUtc, changeAtUtc, probability } of changes.toReversed()) {
    const middle = top + height / 2;
    const [low, high, peak] = [x(at(startLowUtc)), x(at(startHighUtc)), x(at(changeAtUtc))];
    context.globalAlpha = 0.35;
    context.fillStyle = palette.warning;
    context.fillRect(low, middle - 4, Math.max(2, high - low), 8);
    context.globalAlpha = 1;
    const size = 4 + 4 * probability;
    context.fillStyle = palette.text;
    context.beginPath();
    context.moveTo(peak - size, middle - size);
    context.lineTo(peak + size, middle - size);
    context.lineTo(peak, middle + size);
    context.fill();
    const text = percent(probability);
    if (peak + 10 >= freeFromPx) {
      context.fillText(text, peak + size + 3, middle);
      freeFromPx = peak + size + 3 + context.measureText(text).width;
    }
  }
}

/** Where nobody listened, where nothing is stored yet, and what is still to come. */
function paintGaps(brush: Brush, { view, layout, data, nowMs, reachedMs }: Scene): void {
  const tall = layout.height - AXIS_HEIGHT;
  const hatch = (fromMs: number, toMs: number): void => {
    const [from, to] = [brush.x(Math.max(fromMs, view.fromMs)), brush.x(Math.min(toMs, view.toMs))];
    if (to > from) fillHatched(brush, from, 0, Math.max(2, to - from), tall, brush.palette.second);
  };
  for (const { fromUtc, toUtc } of data.gaps) hatch(at(fromUtc), at(toUtc));
  if (data.dataBeganUtc !== null) hatch(view.fromMs, at(data.dataBeganUtc));
  const { context, palette, x, right } = brush;
  if (reachedMs !== null && reachedMs > view.fromMs && data.activity === null) {
    const first = layout.rows.find(({ kind }) => kind === "states");
    if (first !== undefined) {
      context.globalAlpha = 0.06;
      context.fillStyle = palette.text;
      context.fillRect(brush.left, first.top, x(reachedMs) - brush.left, tall - first.top);
      context.globalAlpha = 1;
    }
  }
  if (nowMs >= view.toMs) return;
  context.globalAlpha = 0.06;
  context.fillStyle = palette.text;
  context.fillRect(Math.max(brush.left, x(nowMs)), 0, right - x(nowMs), tall);
  context.globalAlpha = 1;
}
