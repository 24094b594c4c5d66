import { curve } from "./curve.js";
import { h } from "./tree.js";
import { figure, grouped, percent, readable, reasonInWords, stageInWords } from "./words.js";

/**
 * @typedef {import("../api/routes.ts").OverviewBody} Overview
 * @typedef {import("../../store/tables/overview-targets.ts").TargetOverview} Target
 * @typedef {import("./times.js").Times} Times
 * @typedef {import("./tree.js").Tree} Tree
 */

/** One target: its probability now, its day, its labels, and what it still needs. @param {Target} target @param {Overview} overview @param {Times} times @param {number} width */
export function targetCard(target, overview, times, width) {
  const id = `target-${target.name}`;
  const frame = { sinceMs: Date.parse(overview.sinceUtc), nowMs: times.nowMs, width, times };
  return h(
    "section",
    { class: "card wide", "aria-labelledby": id },
    h("h2", { id }, readable(target.name)),
    h("div", { class: "now" }, ...now(target, times)),
    h("figure", {}, curve(target, frame), h("figcaption", {}, caption(target))),
    h("div", { class: "columns" }, labels(target, times), missing(target, overview, times)),
  );
}

/** @param {Target} target @param {Times} times @returns {Tree[]} */
function now({ prediction }, times) {
  const { probability, isOn, threshold, windowEndUtc, modelVersion, coverage } = prediction;
  const facts = [
    windowEndUtc !== null && `Window until ${times.stamp(Date.parse(windowEndUtc))}`,
    modelVersion !== null && `model ${modelVersion}`,
    coverage !== null && `${Math.round(coverage * 100)}% of its features known`,
  ].filter((fact) => fact !== false);
  const decision = isOn === null ? null : `${isOn ? "On" : "Off"} (on from ${percent(threshold ?? 0)} up)`;
  return [
    h("p", { class: probability === null ? "big none" : "big" }, probability === null ? "–" : percent(probability)),
    h(
      "div",
      { class: "beside" },
      h("p", { class: "strong" }, probability === null ? reasonInWords(prediction.unavailableReason) : (decision ?? "Probability now")),
      h("p", {}, `${stageInWords(prediction.stage)}.`),
      facts.length > 0 && h("p", { class: "second" }, `${facts.join(" · ")}.`),
    ),
  ];
}

/** @param {Target} target */
function caption({ prediction, labels: ranges, curve: { probabilities }, silences }) {
  const parts = ["Line: probability over the last 24 hours"];
  if (probabilities.includes(null)) parts.push(`breaks: no answer (${silences.join(", ") || "not predicted"})`);
  if (prediction.threshold !== null) parts.push(`dashes: on from ${percent(prediction.threshold)} up`);
  if (ranges.length > 0) parts.push("shade: what your labels say");
  return `${parts.join(" · ")}.`;
}

/** @param {Target} target @param {Times} times */
function labels(target, times) {
  const { newestLabel, rejectedLabel, openSinceUtc } = target;
  /** @param {{ startUtc: string, endUtc: string }} label */
  const range = (label) => times.range(Date.parse(label.startUtc), Date.parse(label.endUtc));
  return h(
    "div",
    {},
    h("h3", {}, "Labels"),
    newestLabel === null
      ? h(
          "p",
          {},
          "No labels yet. Set the start and end helpers of this target in Home Assistant after it happened; each pair makes one label.",
        )
      : h(
          "p",
          {},
          `${grouped(target.labelCount)} in use. Newest: ${range(newestLabel)}${newestLabel.kind === "positive" ? "" : `, ${newestLabel.kind}`}.`,
        ),
    openSinceUtc !== null && h("p", {}, `Begun ${times.stamp(Date.parse(openSinceUtc))}; its end has not been said yet.`),
    rejectedLabel !== null &&
      h(
        "p",
        { class: "warning" },
        `The last one was turned down: ${range(rejectedLabel)}. ${rejectedLabel.reason ?? "No reason was given."}`,
      ),
  );
}

/** @param {Target} target @param {Overview} overview @param {Times} times */
function missing({ readiness, training, name }, overview, times) {
  return h(
    "div",
    {},
    h("h3", {}, "Before the next stage"),
    readiness === null
      ? h(
          "p",
          {},
          overview.health.readiness === null
            ? "What is missing was noted in a form that this version cannot read."
            : notLookedYet(overview, times),
        )
      : readiness.missing.length === 0
        ? h("p", {}, readiness.stage === "eligible" ? "Nothing: this is the last stage." : "Nothing: the next training decides.")
        : h("ul", { class: "missing" }, ...readiness.missing.map((each) => h("li", {}, readable(each)))),
    readiness !== null && readiness.gates.length > 0 && h("p", { class: "second" }, `So far: ${readiness.gates.map(gate).join(" · ")}.`),
    h("p", { class: "second" }, ...trainingInWords(training, name, times)),
  );
}

/** @param {NonNullable<Target["readiness"]>["gates"][number]} gate */
function gate({ gate: name, have, need }) {
  const counted = have === null ? "none" : figure(have);
  return `${name.replaceAll("_", " ").replace("labelled", "labeled")} ${counted}${need === null ? "" : ` of ${figure(need)}`}`;
}

/** @param {Overview} overview @param {Times} times */
function notLookedYet({ nextRuns }, times) {
  const next = nextRuns.find((run) => run.job.includes("train"))?.dueAtUtc ?? null;
  return `Not known before the first training has looked${next === null ? "" : ` (${times.until(Date.parse(next))})`}.`;
}

/** @param {Target["training"]} training @param {string} name @param {Times} times @returns {string[]} */
function trainingInWords({ status, rowCount, dayCount, notes, finishedAtUtc, logLoss, skillVsClock }, name, times) {
  if (status === "none" || finishedAtUtc === null) return [`No training of ${name.replaceAll("_", " ")} has finished yet.`];
  const basis = rowCount === null ? "" : `, ${grouped(rowCount)} rows${dayCount === null ? "" : ` of ${grouped(dayCount)} days`}`;
  const skill =
    skillVsClock === null
      ? ""
      : `, ${Math.round(Math.abs(skillVsClock) * 100)}% ${skillVsClock < 0 ? "worse" : "better"} than the clock alone`;
  const score = logLoss === null ? "" : ` Log loss ${logLoss.toFixed(3)}${skill}.`;
  return [`Last training ${times.ago(Date.parse(finishedAtUtc))}: ${status}${basis}.${score}${notes ? ` ${notes}` : ""}`];
}
