import { DAY_MS, HOUR_MS, type Zone } from "../time.ts";

export interface PlottedHour {
  readonly endMs: number;
  /** In the stream's own unit; null: not known. */
  readonly value: number | null;
}

export interface PlottedReport {
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  readonly detectedAtMs: number;
  readonly isWithdrawn: boolean;
  readonly words: string;
}

const WIDTH = 960;
const HEIGHT = 320;
const LEFT = 60;
const RIGHT = 12;
const TOP = 28;
const BOTTOM = 30;
/** Points of the plot: means over so many hours, as the filter takes them, and over a day. */
const STEP_HOURS = 6;
/** Of the captions, about; so that none is cut off at an edge. */
const CHARACTER_WIDTH = 6.1;
/** Two captions never lie on each other. */
const CAPTION_ROWS = 5;

/**
 * A stream over time as SVG: means of six hours (points) and of days (line), reported changes with the interval of their start (band), the likeliest
 * start (line) and the instant of the report (triangle), withdrawn ones dashed. Where nothing is known nothing is drawn.
 */
export function plotStream(title: string, hours: readonly PlottedHour[], reports: readonly PlottedReport[], zone: Zone): string {
  const fromMs = (hours[0]?.endMs ?? 0) - HOUR_MS;
  const toMs = Math.max(hours.at(-1)?.endMs ?? 0, fromMs + DAY_MS);
  const points = meansOver(hours, (endMs) => Math.ceil(endMs / (STEP_HOURS * HOUR_MS)));
  const days = meansOver(hours, (endMs) => zone.dayAt(endMs - HOUR_MS, 0));
  const values = points.map((point) => point.value);
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const x = (atMs: number): string => (LEFT + ((atMs - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const share = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5);
  const y = (value: number): string => (HEIGHT - BOTTOM - share(value) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="16" font-size="14">${escaped(title)}</text>`,
    ...(values.length === 0 ? [] : [low, high].map((value) => `<text x="4" y="${y(value)}">${Number(value.toPrecision(3))}</text>`)),
    ...ticksOf(fromMs, toMs, zone).map(
      (atMs) =>
        `<path d="M${x(atMs)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#eee"/><text x="${x(atMs)}" y="${HEIGHT - 12}">${zone.dateAt(atMs).slice(5)}</text>`,
    ),
    ...reports.map((report, k) => markOf(report, k, x)),
    ...points.map((point) => `<circle cx="${x(point.atMs)}" cy="${y(point.value)}" r="1.6" fill="#9bb"/>`),
    `<path d="${days.map((day, k) => `${k === 0 || day.atMs - days[k - 1]!.atMs > 1.5 * DAY_MS ? "M" : "L"}${x(day.atMs)} ${y(day.value)}`).join("")}" fill="none" stroke="#147"/>`,
    "</svg>",
    "",
  ].join("\n");
}

function markOf(report: PlottedReport, k: number, x: (atMs: number) => string): string {
  const width = Math.max(1, Number(x(report.startHighMs)) - Number(x(report.startLowMs))).toFixed(1);
  const dash = report.isWithdrawn ? ' stroke-dasharray="4 3"' : "";
  const at = Number(x(report.startMs));
  const anchor = at > WIDTH / 2 ? "end" : "start";
  const length = report.words.length * CHARACTER_WIDTH;
  const textAt = anchor === "end" ? Math.max(at, length) : Math.min(at, WIDTH - length);
  return [
    `<rect x="${x(report.startLowMs)}" y="${TOP}" width="${width}" height="${HEIGHT - TOP - BOTTOM}" fill="#fc6" opacity="0.35"/>`,
    `<path d="M${x(report.startMs)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#c30"${dash}/>`,
    `<path d="M${x(report.detectedAtMs)} ${HEIGHT - BOTTOM}l-4 7h8z" fill="#c30"/>`,
    `<text x="${Math.max(0, Math.min(WIDTH, textAt)).toFixed(1)}" y="${TOP + 12 + 13 * (k % CAPTION_ROWS)}" fill="#c30" text-anchor="${anchor}">${escaped(report.words)}</text>`,
  ].join("");
}

/** Means of the hours that share a key, each at the middle of its hours. */
function meansOver(hours: readonly PlottedHour[], keyOf: (endMs: number) => number): { readonly atMs: number; readonly value: number }[] {
  const groups = new Map<number, { count: number; sum: number; time: number }>();
  for (const { endMs, value } of hours) {
    if (value === null) continue;
    const key = keyOf(endMs);
    const group = groups.get(key) ?? { count: 0, sum: 0, time: 0 };
    groups.set(key, { count: group.count + 1, sum: group.sum + value, time: group.time + endMs - HOUR_MS / 2 });
  }
  return [...groups.values()].map(({ count, sum, time }) => ({ atMs: time / count, value: sum / count }));
}

/** Local midnights, at most about twelve. */
function ticksOf(fromMs: number, toMs: number, zone: Zone): number[] {
  const first = zone.dayAt(fromMs, 0) + 1;
  const last = zone.dayAt(toMs, 0);
  const every = Math.max(1, Math.ceil((last - first + 1) / 12));
  const ticks: number[] = [];
  for (let day = first; day <= last; day += every) ticks.push(zone.dayStartMs(day, 0));
  return ticks;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
