import { show } from "./dom.js";
import { closedView, view } from "./view.js";

/**
 * @typedef {import("../api/routes.ts").OverviewBody} Overview
 * @typedef {import("./view.js").View} View
 */

const PERIOD_MS = 5000;
/** An answer that takes longer is given up, so that a dead connection is noticed. */
const PATIENCE_MS = 15_000;
const CARD_PADDING = 32;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = element("main");

/** @type {Overview | null} */
let shown = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let isAsking = false;

/** @param {View} next */
function paint({ status, alerts, main: cards, zone }) {
  element("status").dataset["look"] = status.look;
  say("status", status.words);
  say("beside", status.beside);
  show(element("alerts"), alerts);
  element("alerts").hidden = alerts.length === 0;
  show(main, cards);
  say("zone", zone);
}

/** Sets a text only when it differs: a live region must not be read out again for nothing. @param {string} id @param {string} text */
function say(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}

/** @param {string} words what is wrong; empty when nothing is */
function complain(words) {
  say("trouble", words);
  element("trouble").hidden = words === "";
  main.classList.toggle("stale", words !== "");
}

function paintShown() {
  if (shown !== null) paint(view(shown, Math.max(280, main.clientWidth - CARD_PADDING)));
}

async function ask() {
  // The address is relative: behind Home Assistant's ingress the page lives under a prefix of its own.
  const response = await fetch("api/v1/overview", { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
  if (response.status === 401) {
    complain("Your Home Assistant session has ended. Reload this page.");
    return;
  }
  const body = await response.json();
  if (response.ok) {
    shown = body;
    paintShown();
    complain("");
  } else if (response.status === 503) {
    shown = null;
    paint(closedView(body));
    complain("");
  } else complain(`${body.detail} Request ${body.requestId}.`);
}

async function poll() {
  clearTimeout(timer);
  if (isAsking || document.hidden) return;
  isAsking = true;
  try {
    await ask();
  } catch {
    complain("The app does not answer. What you see was true at its last answer; asking again every 5 seconds.");
    if (shown === null) say("status", "No answer");
  } finally {
    isAsking = false;
    timer = setTimeout(poll, PERIOD_MS);
  }
}

document.addEventListener("visibilitychange", poll);
new ResizeObserver(paintShown).observe(main);
void poll();
