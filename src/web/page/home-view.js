import { duration } from "./times.js";
import { h } from "./tree.js";
import { changeInWords, grouped, percent, readable } from "./words.js";

/**
 * @typedef {import("../api/routes.ts").OverviewBody} Overview
 * @typedef {import("./times.js").Times} Times
 * @typedef {import("./tree.js").Tree} Tree
 */

/** Older ones wait behind a click. */
const CHANGES_AT_ONCE = 6;

/** How events come in. @param {Overview} overview @param {Times} times */
export function ingestCard({ health, events, entities, backfill }, times) {
  const since = health.connectedSinceUtc === null ? "" : ` since ${times.stamp(Date.parse(health.connectedSinceUtc))}`;
  return card(
    "ingest",
    "Home Assistant",
    h(
      "dl",
      {},
      ...fact(
        "Connection",
        health.connection === null ? "Not tried yet" : `${readable(health.connection)}${health.connection === "connected" ? since : ""}`,
      ),
      ...fact("Events", `${grouped(events.today)} today · ${grouped(events.total)} in total`),
      ...fact("Last event", events.lastAtUtc === null ? "None has been stored yet" : times.ago(Date.parse(events.lastAtUtc))),
      ...fact(
        "Entities",
        entities.total === 0 ? "None is known yet" : `${grouped(entities.total)}, of which ${grouped(entities.withEvents)} had events`,
      ),
      ...fact(
        "Feature windows",
        health.featuresTotal === 0
          ? "None has been computed yet"
          : `${grouped(health.featuresTotal)}${newest(health.lastFeatureAtUtc, times)}`,
      ),
    ),
    backfill !== null && fetching(backfill),
  );
}

/** @param {NonNullable<Overview["backfill"]>} backfill @returns {Tree} */
function fetching({ phase, fetchedDays, totalDays, rows, leftMs }) {
  const left = leftMs === null ? "" : `, about ${duration(leftMs)} left`;
  const [what, rowsAre] = phase === "statistics" ? ["long-term statistics", "hourly means"] : ["history", "events"];
  const days = `${grouped(Math.floor(fetchedDays))} of ${grouped(Math.ceil(totalDays))} days`;
  const text = `Fetching ${what}: ${days}, ${grouped(rows)} ${rowsAre}${left}.`;
  return h(
    "div",
    { class: "fetching" },
    h("progress", { value: fetchedDays, max: totalDays, "aria-label": "History fetched" }),
    h("p", {}, text),
  );
}

/** @param {Overview} overview @param {Times} times */
export function changesCard({ changes, health }, times) {
  const looked =
    health.lastChangeStepAtUtc === null
      ? "Change detection has not run yet."
      : `Last looked ${times.ago(Date.parse(health.lastChangeStepAtUtc))}.`;
  const rows = changes.map((change) => changeRow(change, times));
  const more = rows.slice(CHANGES_AT_ONCE);
  return card(
    "changes",
    "Latest changes",
    rows.length === 0
      ? h("p", {}, `No change of habit has been found so far. ${looked}`)
      : h("ul", { class: "rows" }, rows.slice(0, CHANGES_AT_ONCE)),
    more.length > 0 &&
      h("details", {}, h("summary", {}, `${more.length} earlier ${more.length === 1 ? "one" : "ones"}`), h("ul", { class: "rows" }, more)),
  );
}

/** @param {Overview["changes"][number]} change @param {Times} times */
function changeRow(change, times) {
  const words = changeInWords(change, times);
  const from = times.day(Date.parse(change.startLowUtc));
  const to = times.day(Date.parse(change.startHighUtc));
  const began = from === to ? "" : ` · began between ${from} and ${to}`;
  return h(
    "li",
    { class: change.isWithdrawn ? "withdrawn" : null },
    h("p", {}, change.isWithdrawn ? `Taken back: ${words}` : words),
    h(
      "p",
      { class: "second" },
      `Probability ${percent(change.probability)} · seen ${times.stamp(Date.parse(change.detectedAtUtc))}${began}`,
    ),
  );
}

/** @param {Overview} overview @param {Times} times */
export function jobsCard({ lastRuns, nextRuns }, times) {
  const jobs = [...new Set([...nextRuns, ...lastRuns].map((run) => run.job))];
  return card(
    "jobs",
    "Jobs",
    jobs.length === 0
      ? h("p", {}, "No job is planned yet: the schedule begins once the app has started.")
      : h(
          "table",
          {},
          h("thead", {}, h("tr", {}, ...["Job", "Last run", "Next run"].map((name) => h("th", { scope: "col" }, name)))),
          h(
            "tbody",
            {},
            ...jobs.map((job) => {
              const last = lastRuns.find((run) => run.job === job);
              const next = nextRuns.find((run) => run.job === job)?.dueAtUtc ?? null;
              return h(
                "tr",
                {},
                h("th", { scope: "row" }, readable(job)),
                h(
                  "td",
                  { class: last?.status === "failed" || last?.status === "cancelled" ? "warning" : null },
                  last === undefined ? "not yet" : runInWords(last, times),
                ),
                h("td", {}, next === null ? "not planned" : times.until(Date.parse(next))),
              );
            }),
          ),
        ),
  );
}

/** @param {Overview["lastRuns"][number]} run @param {Times} times */
function runInWords({ status, dueAtUtc, startedAtUtc, finishedAtUtc, rows, error }, times) {
  const when = times.ago(Date.parse(finishedAtUtc ?? startedAtUtc ?? dueAtUtc));
  const counted = rows === null || rows === 0 ? "" : `, ${grouped(rows)} ${rows === 1 ? "row" : "rows"}`;
  return `${status} ${when}${counted}${error === null ? "" : `: ${error}`}`;
}

/** @param {Overview} overview @param {Times} times */
export function gapsCard({ gaps, health }, times) {
  return card(
    "gaps",
    "Gaps",
    gaps.length === 0
      ? h("p", {}, health.eventsTotal === 0 ? "None yet: no event has been stored." : "None: no time is known in which events were missed.")
      : h(
          "ul",
          { class: "rows" },
          ...gaps.map((gap) => {
            const [fromMs, toMs] = [Date.parse(gap.fromUtc), Date.parse(gap.toUtc)];
            return h(
              "li",
              {},
              h("p", {}, `${gap.entityId ?? "All entities"}: ${times.range(fromMs, toMs)}`),
              h("p", { class: "second" }, `${readable(gap.reason)} · ${outcomeOf(gap)}`),
            );
          }),
        ),
  );
}

/** @param {Overview["gaps"][number]} gap */
function outcomeOf({ outcome, why, entitiesUnfilled, entityId }) {
  if (outcome === "partly" && entityId === null)
    return `filled; ${grouped(entitiesUnfilled)} ${entitiesUnfilled === 1 ? "entity is" : "entities are"} ${why}`;
  return why === null ? outcome : `${outcome}: ${why}`;
}

/** @param {string} id @param {string} title @param {...(Tree | false)} children */
function card(id, title, ...children) {
  return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/** @param {string} name @param {string} text @returns {Tree[]} */
function fact(name, text) {
  return [h("dt", {}, name), h("dd", {}, text)];
}

/** @param {string | null} atUtc @param {Times} times */
function newest(atUtc, times) {
  return atUtc === null ? "" : `, newest computed ${times.ago(Date.parse(atUtc))}`;
}
