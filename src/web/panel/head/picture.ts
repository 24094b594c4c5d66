import { readLocale } from "../around/locale.ts";
import { likelyScreen } from "./likely-screen.ts";

/**
 * The server has drawn *Now* into the page without knowing which screen will be opened, nor how this person reads: what it drew otherwise than the
 * script will is not shown.
 */
const root = document.documentElement;
const drawnIn = root.dataset["picture"];
if (drawnIn !== undefined) {
  const { dates, hourCycle, isLocalZone } = readLocale();
  if (likelyScreen() !== "now" || dates !== drawnIn) root.dataset["picture"] = "hidden";
  else if (hourCycle !== undefined || isLocalZone) root.dataset["picture"] = "untimed";
  // What is shown has an address of its own from now on: whoever follows a link of it comes back to it.
  if (root.dataset["picture"] !== "hidden" && location.hash === "") history.replaceState(history.state, "", "#/now");
  // Links work by themselves; a button that is pressed before the script is there does what it does a moment later, unless something else is pressed.
  document.addEventListener("click", ({ target }) => {
    const isDrawn = root.dataset["picture"] !== undefined;
    Object.assign(window, { pressed: isDrawn && target instanceof Element ? target.closest("button") : null });
  });
}
