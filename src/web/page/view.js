import { changesCard, gapsCard, ingestCard, jobsCard } from "./home-view.js";
import { targetCard } from "./target-view.js";
import { createTimes } from "./times.js";
import { h } from "./tree.js";

/**
 * @typedef {import("../api/routes.ts").OverviewBody} Overview
 * @typedef {import("./tree.js").Tree} Tree
 * @typedef {{ look: string, words: string, beside: string }} Status
 * @typedef {{ status: Status, alerts: readonly Tree[], main: readonly Tree[], zone: string }} View
 */

/** Everything the page shows, as plain trees. @param {Overview} overview @param {number} width room for a curve, px @returns {View} */
export function view(overview, width) {
  const times = createTimes(overview.timeZone, Date.parse(overview.nowUtc));
  return {
    status: statusOf(overview, times),
    alerts: overview.health.degradedReasons.map((reason) =>
      h(
        "li",
        { class: "alert" },
        h("p", {}, h("strong", {}, reason.cause), ` (since ${times.stamp(Date.parse(reason.since))})`),
        h("p", {}, reason.effect),
        h("p", {}, h("strong", {}, "What to do: "), reason.remedy),
      ),
    ),
    main: [
      ...(overview.targets.length === 0 ? [noTarget()] : overview.targets.map((target) => targetCard(target, overview, times, width))),
      h("div", { class: "stack" }, ingestCard(overview, times), changesCard(overview, times)),
      h("div", { class: "stack" }, jobsCard(overview, times), gapsCard(overview, times)),
    ],
    zone: `Times are those of the home: ${times.zone}.`,
  };
}

/** @param {Overview} overview @param {import("./times.js").Times} times @returns {Status} */
function statusOf({ health, events }, times) {
  const beside = events.lastAtUtc === null ? "no event yet" : `last event ${times.ago(Date.parse(events.lastAtUtc))}`;
  const count = health.degradedReasons.length;
  switch (health.status) {
    case "ok":
      return { look: "ok", words: "Working", beside };
    case "degraded":
      return { look: "degraded", words: count === 1 ? "Working, with 1 problem" : `Working, with ${count} problems`, beside };
    case "starting":
      return { look: "starting", words: "Starting", beside };
    case "down":
      return { look: "down", words: "Not working: no sign of life for 3 minutes", beside };
  }
}

/** The app answers, but has no database to show. @param {{ code: string, detail: string }} body @returns {View} */
export function closedView({ code, detail }) {
  const status =
    code === "starting" ? { look: "starting", words: "Starting", beside: "" } : { look: "down", words: "Not working", beside: "" };
  return {
    status,
    alerts: [h("li", { class: "alert" }, h("p", {}, detail))],
    main: [],
    zone: "",
  };
}

function noTarget() {
  return h(
    "section",
    { class: "card wide", "aria-labelledby": "no-target" },
    h("h2", { id: "no-target" }, "No target"),
    h(
      "p",
      {},
      "Nothing is set to be predicted yet. Name a target and its two helpers in the app's options, or wait until the app has started.",
    ),
  );
}
