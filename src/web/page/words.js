/**
 * @typedef {import("../../store/tables/overview.ts").ChangeOverview} Change
 * @typedef {import("./times.js").Times} Times
 */

const NARROW_SPACE = "\u202f";

/** What a stream measures, where its own word would not do. */
const MEASURES = new Map([
  ["on_fraction", "time on"],
  ["mean", "average"],
]);

const REASONS = new Map([
  ["no prediction", "No window has been predicted yet."],
  ["stale", "The newest prediction is too old to be true now."],
]);

const STAGES = new Map([
  ["clock", "Clock: so far it knows the time of day only"],
  ["preview", "Preview: it has learned, but from few days; no on or off yet"],
  ["eligible", "Eligible: enough days, calibrated, and no worse than the clock"],
]);

/** Whole percent; never 0 or 100, which nobody can know. @param {number} probability */
export function percent(probability) {
  if (probability < 0.01) return "<1%";
  if (probability > 0.99) return ">99%";
  return `${Math.round(probability * 100)}%`;
}

/** 1234567 as 1 234 567. @param {number} number */
export function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE);
}

/** Three significant digits without an exponent. @param {number} value */
export function figure(value) {
  const size = Math.abs(value);
  if (size >= 1000) return (value < 0 ? "-" : "") + grouped(Math.round(size));
  if (size >= 100) return String(Math.round(value));
  if (size < 0.001) return "0";
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

/** `bed_room` as "Bed room". @param {string} name */
export function readable(name) {
  const words = name.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string | null} reason */
export function reasonInWords(reason) {
  if (reason === null) return "No reason was given.";
  return REASONS.get(reason) ?? `No answer now: ${reason}.`;
}

/** @param {string | null} stage */
export function stageInWords(stage) {
  return stage === null ? "No stage yet: no model has been trained" : (STAGES.get(stage) ?? readable(stage));
}

/** "Hallway activity went from 3.1 to 5.8 an hour since 3 Nov". @param {Change} change @param {Times} times */
export function changeInWords(change, times) {
  const [subject = "", measure = ""] = change.streamName.split(":");
  const isShare = measure.endsWith("_fraction");
  const unit = isShare ? "%" : change.model?.startsWith("poisson") ? " an hour" : change.unit === null ? "" : ` ${change.unit}`;
  const factor = isShare ? 100 : 1;
  const what = `${subjectOf(subject, change.entityName)} ${MEASURES.get(measure) ?? measure.replaceAll("_", " ")}`.trim();
  const since = times.day(Date.parse(change.changeAtUtc));
  if (change.beforeMean === null || change.afterMean === null) return `${what} changed on ${since}`;
  return `${what} went from ${figure(change.beforeMean * factor)} to ${figure(change.afterMean * factor)}${unit} since ${since}`;
}

/** @param {string} subject @param {string | null} entityName */
function subjectOf(subject, entityName) {
  if (entityName !== null) return entityName;
  const dot = subject.indexOf(".");
  return dot < 0 || subject.startsWith("area.") ? readable(subject.slice(dot + 1)) : subject;
}
