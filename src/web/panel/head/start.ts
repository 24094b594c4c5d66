import { tellScriptFault } from "../around/script-fault.ts";
import { afterPaint } from "../client/after-paint.ts";

/** Who sees nothing of the page, as in a frame that is not shown, gets its script all the same. */
const LONGEST_MS = 1000;
/** Something that hangs puts `load` off for as long as it does. */
const LONGEST_LOAD_MS = 5000;

let isStarted = false;

/** Runs the panel's script, once, which the page itself only fetches. */
function start(): void {
  if (isStarted) return;
  isStarted = true;
  const script = document.createElement("script");
  script.type = "module";
  script.crossOrigin = "";
  script.src = document.querySelector<HTMLLinkElement>('link[rel="modulepreload"][data-main]')!.href;
  script.addEventListener("error", tellScriptFault);
  document.head.append(script);
}

/** Runs once the browser has put text of this page on the screen. */
function afterFirstText(run: () => void): void {
  const timer = setTimeout(done, LONGEST_MS);
  const observer = new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length > 0) done();
  });
  observer.observe({ type: "paint", buffered: true });
  function done(): void {
    clearTimeout(timer);
    observer.disconnect();
    run();
  }
}

/**
 * The script takes a phone most of a second, in which nothing is painted, so a picture that came with the page is painted before. Not earlier than
 * after `load`: until then Home Assistant covers the frame, and a script that is under way would put it off.
 */
const { picture } = document.documentElement.dataset;
if (picture === undefined || picture === "hidden") document.addEventListener("DOMContentLoaded", start);
else {
  window.addEventListener("load", () => afterPaint(() => afterFirstText(start)));
  document.addEventListener("DOMContentLoaded", () => setTimeout(start, LONGEST_LOAD_MS));
}
