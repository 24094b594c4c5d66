import { colourOf } from "../../parts/chart-colours.ts";
import { count } from "../../words/numbers.ts";
import { DAY_MS, dayText, zone } from "../../words/times.ts";
import type { RunLengths } from "./run-lengths.ts";

export const HEIGHT = 260;
/** Room for the lengths left of the picture and the days beneath it. */
export const GUTTER = 34;
const AXIS = 22;
const TICK_EVERY_PX = 110;
const MOST_LENGTHS = 5;
const NICE_DAYS = [1, 2, 5, 7, 14, 28, 56, 112, 224];

/** The smallest of the nice numbers of days that gives at most so many ticks. */
const niceDays = (days: number, most: number): number => NICE_DAYS.find((each) => days / each <= most) ?? 448;

/** Draws the picture: one hue, the stronger the likelier, the likeliest length as a line, both axes in days. */
export function paintMap(context: CanvasRenderingContext2D, map: RunLengths, width: number): void {
  const wide = width - GUTTER;
  const high = HEIGHT - AXIS;
  const longestMs = map.rows * map.stepsPerRow * map.stepMs;
  const fromMs = map.firstEndMs - map.stepMs;
  const x = (atMs: number): number => GUTTER + (wide * (atMs - fromMs)) / (map.columns * map.stepMs);
  const y = (lengthMs: number): number => high - (high * lengthMs) / longestMs;
  context.clearRect(0, 0, width, HEIGHT);
  context.imageSmoothingEnabled = false;
  context.drawImage(cellsOf(map), GUTTER, 0, wide, high);
  context.font = `12px ${getComputedStyle(document.documentElement).fontFamily}`;
  context.fillStyle = colourOf("--second");
  context.strokeStyle = colourOf("--line");
  context.lineWidth = 1;
  context.textAlign = "right";
  const lengthStep = niceDays(longestMs / DAY_MS, MOST_LENGTHS);
  for (let days = 0; days * DAY_MS < longestMs; days += lengthStep) {
    line(context, GUTTER, y(days * DAY_MS), width, y(days * DAY_MS));
    context.fillText(count(days), GUTTER - 6, Math.max(10, y(days * DAY_MS) + (days === 0 ? 0 : 4)));
  }
  context.textAlign = "left";
  const dayStep = niceDays((map.columns * map.stepMs) / DAY_MS, Math.max(1, Math.floor(wide / TICK_EVERY_PX)));
  for (let day = zone.dayAt(fromMs) + 1; zone.dayStartMs(day) < fromMs + map.columns * map.stepMs; day += dayStep) {
    const at = x(zone.dayStartMs(day));
    line(context, at, 0, at, high);
    if (at + 80 < width) context.fillText(dayText(zone.dayStartMs(day)), at, HEIGHT - 6);
  }
  context.strokeStyle = colourOf("--text");
  context.lineWidth = 1.5;
  context.beginPath();
  let isDrawing = false;
  for (const [column, length] of map.likeliest.entries()) {
    if (length === null) isDrawing = false;
    else {
      const [left, level] = [x(fromMs + column * map.stepMs), y((length + 0.5) * map.stepMs)];
      if (isDrawing) context.lineTo(left, level);
      else context.moveTo(left, level);
      context.lineTo(x(fromMs + (column + 1) * map.stepMs), level);
      isDrawing = true;
    }
  }
  context.stroke();
}

function line(context: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(fromX, Math.round(fromY) - 0.5);
  context.lineTo(toX, Math.round(toY) - 0.5);
  context.stroke();
}

/** One pixel a cell, the longest length on top, in the theme's own hue. */
function cellsOf({ columns, rows, cells }: RunLengths): HTMLCanvasElement {
  const picture = document.createElement("canvas");
  picture.width = columns;
  picture.height = rows;
  const context = picture.getContext("2d")!;
  const shades = new ImageData(columns, rows);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) shades.data[4 * ((rows - 1 - row) * columns + column) + 3] = cells[column * rows + row]!;
  }
  context.putImageData(shades, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colourOf("--primary");
  context.fillRect(0, 0, columns, rows);
  return picture;
}
