import { duration } from "./times.js";
import { h } from "./tree.js";
import { percent, readable } from "./words.js";

/**
 * @typedef {import("../../store/tables/overview-targets.ts").TargetOverview} Target
 * @typedef {import("./times.js").Times} Times
 * @typedef {import("./tree.js").Tree} Tree
 * @typedef {{ sinceMs: number, nowMs: number, width: number, times: Times }} Frame
 */

const LEFT = 44;
const RIGHT = 10;
const TOP = 10;
const PLOT = 150;
const LABEL_LANE = TOP + PLOT + 12;
const ON_LANE = LABEL_LANE + 22;
const HEIGHT = ON_LANE + 38;
const QUARTER_MS = 15 * 60_000;
/** Room that a text of that many letters needs, px. */
const LETTER = 6.2;

/**
 * The probability over the last day, with labels and decisions as ranges under it. Everything it shows is also said in words.
 * @param {Target} target
 * @param {Frame} frame
 */
export function curve(target, frame) {
  const { width, sinceMs, nowMs } = frame;
  /** @param {number} atMs */
  const x = (atMs) => round(LEFT + ((Math.min(Math.max(atMs, sinceMs), nowMs) - sinceMs) / (nowMs - sinceMs)) * (width - LEFT - RIGHT));
  const points = pointsOf(target);
  const decided = target.prediction.threshold !== null && points.length > 0;
  return h(
    "svg",
    { class: "curve", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": summary(target, frame) },
    grid(width),
    hours(frame, x),
    target.labels.map((label) => band(label, x, "shade", TOP, PLOT)),
    decided && thresholdLine(target.prediction.threshold ?? 0, width),
    line(points, frame, x),
    lane("label", LABEL_LANE + 11),
    target.labels.length === 0
      ? h("text", { class: "quiet", x: LEFT + 4, y: LABEL_LANE + 11 }, "no label in this time")
      : target.labels.flatMap((label) => [band(label, x, "label", LABEL_LANE, 16), bandText(label, target.name, x)]),
    lane("on", ON_LANE + 9),
    target.onSpans.length === 0
      ? h("text", { class: "quiet", x: LEFT + 4, y: ON_LANE + 9 }, offReason(target))
      : target.onSpans.map((span) => band({ ...span, kind: "on" }, x, "decided", ON_LANE, 10)),
  );
}

/** @param {Target} target */
function pointsOf({ curve: { firstWindowEndUtc, gridMs, probabilities } }) {
  const firstMs = Date.parse(firstWindowEndUtc);
  return probabilities.map((probability, i) => ({ atMs: firstMs + i * gridMs, probability }));
}

/** @param {number} probability */
function y(probability) {
  return round(TOP + (1 - probability) * PLOT);
}

/** @param {number} width @returns {Tree[]} */
function grid(width) {
  return [0, 0.5, 1].flatMap((level) => [
    h("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(level), y2: y(level) }),
    h("text", { class: "axis", x: LEFT - 6, y: y(level) + 4, "text-anchor": "end" }, `${level * 100}%`),
  ]);
}

/** Ticks at full hours of the home's clock; a night on which the clock changes shows its skipped or doubled hour. @param {Frame} frame @param {(atMs: number) => number} x */
function hours({ sinceMs, nowMs, width, times }, x) {
  const step = width < 560 ? 6 : 3;
  /** @type {Tree[]} */
  const ticks = [];
  for (let atMs = Math.ceil(sinceMs / QUARTER_MS) * QUARTER_MS; atMs <= nowMs; atMs += QUARTER_MS) {
    const { hour, minute, clock } = times.partsAt(atMs);
    if (minute !== 0 || hour % step !== 0) continue;
    const text = hour === 0 ? times.day(atMs) : clock;
    const at = Math.min(Math.max(x(atMs), LEFT + 14), width - RIGHT - 18);
    ticks.push(h("line", { class: hour === 0 ? "grid midnight" : "grid", x1: x(atMs), x2: x(atMs), y1: TOP, y2: ON_LANE + 14 }));
    ticks.push(h("text", { class: "axis", x: at, y: HEIGHT - 8, "text-anchor": "middle" }, text));
  }
  return ticks;
}

/** @param {ReturnType<typeof pointsOf>} points @param {Frame} frame @param {(atMs: number) => number} x @returns {Tree[]} */
function line(points, { sinceMs, width, times }, x) {
  const known = points.filter((point) => point.probability !== null);
  const newest = known.at(-1);
  const first = known[0];
  if (newest === undefined || first === undefined) {
    return [
      h(
        "text",
        { class: "quiet", x: (LEFT + width - RIGHT) / 2, y: TOP + PLOT / 2 - 8, "text-anchor": "middle" },
        "no probability in this time",
      ),
    ];
  }
  let path = "";
  let isDown = false;
  for (const { atMs, probability } of points) {
    if (probability !== null) path += `${isDown ? "L" : "M"}${x(atMs)} ${y(probability)}`;
    isDown = probability !== null;
  }
  const before = `none before ${times.stamp(first.atMs)}`;
  const isLate = x(first.atMs) - LEFT > before.length * LETTER + 12 && first.atMs > sinceMs;
  return [
    isLate && h("text", { class: "quiet", x: LEFT + 6, y: TOP + PLOT / 2 - 8 }, before),
    h("path", { class: "probability", d: path }),
    h("circle", { class: "newest", cx: x(newest.atMs), cy: y(newest.probability ?? 0), r: 3.5 }),
  ].filter((each) => each !== false);
}

/** @param {number} threshold @param {number} width @returns {Tree} */
function thresholdLine(threshold, width) {
  return h("line", { class: "threshold", x1: LEFT, x2: width - RIGHT, y1: y(threshold), y2: y(threshold) });
}

/** @param {{ startUtc: string, endUtc: string, kind: string }} range @param {(atMs: number) => number} x @param {string} look @param {number} top @param {number} height */
function band(range, x, look, top, height) {
  const from = x(Date.parse(range.startUtc));
  const to = x(Date.parse(range.endUtc));
  return h("rect", {
    class: `${look} ${range.kind}`,
    x: from,
    y: top,
    width: round(Math.max(1, to - from)),
    height,
    rx: look === "shade" ? 0 : 3,
  });
}

/** @param {Target["labels"][number]} label @param {string} name @param {(atMs: number) => number} x @returns {Tree} */
function bandText(label, name, x) {
  const from = x(Date.parse(label.startUtc));
  const room = x(Date.parse(label.endUtc)) - from;
  const spanMs = Date.parse(label.endUtc) - Date.parse(label.startUtc);
  const word = label.kind === "excluded" ? "left out" : `${label.kind === "negative" ? "no " : ""}${name.replaceAll("_", " ")}`;
  const text = [`${word} ${duration(spanMs)}`, word].find((each) => each.length * LETTER + 8 < room) ?? "";
  return h("text", { class: "band", x: from + 5, y: LABEL_LANE + 12 }, text);
}

/** @param {string} name @param {number} at @returns {Tree} */
function lane(name, at) {
  return h("text", { class: "axis", x: LEFT - 6, y: at, "text-anchor": "end" }, name);
}

/** @param {Target} target */
function offReason({ prediction }) {
  return prediction.isOn === null ? "not decided: that needs the stage eligible" : "never on in this time";
}

/** @param {Target} target @param {Frame} frame */
function summary(target, { sinceMs, nowMs, times }) {
  const known = target.curve.probabilities.filter((each) => each !== null);
  const range = `from ${times.stamp(sinceMs)} to ${times.stamp(nowMs)}`;
  if (known.length === 0) return `${readable(target.name)}: no probability ${range}.`;
  const low = percent(Math.min(...known));
  const high = percent(Math.max(...known));
  const ranges = target.labels.length === 1 ? "1 label" : `${target.labels.length} labels`;
  return `Probability of ${target.name.replaceAll("_", " ")} ${range}: between ${low} and ${high}, newest ${percent(known.at(-1) ?? 0)}; ${ranges}.`;
}

/** @param {number} px */
function round(px) {
  return Math.round(px * 10) / 10;
}
