import type { Browser, CDPSession, Frame, Page } from "playwright-core";
import { DEVICES } from "../../tests/panel/devices.ts";

export interface Place {
  readonly browser: Browser;
  readonly url: string;
}

export interface Visit {
  readonly page: Page;
  readonly frame: Frame;
  readonly devtools: CDPSession;
  /** Comes as a message of the console: to ask a page puts a script of 300 kB into it. */
  readonly noted: Promise<Noted>;
  close(): Promise<void>;
}

/** A quarter of this processor's speed. */
const SLOWNESS = 4;

/** A first visit: nothing is kept of one before. */
export async function visit(
  { browser, url }: Place,
  device: keyof typeof DEVICES,
  path = "",
  prepare?: (page: Page) => Promise<void>,
): Promise<Visit> {
  const context = await browser.newContext({ ...DEVICES[device], timezoneId: "Europe/Amsterdam", locale: "en-US" });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  if (device === "phone") await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWNESS });
  await page.addInitScript(noteFirstUseful);
  await prepare?.(page);
  const noted = new Promise<Noted>((resolve) =>
    page.on("console", (message) => {
      if (message.text().startsWith("noted ")) resolve(JSON.parse(message.text().slice(6)) as Noted);
    }),
  );
  await page.goto(`${url}/app/slug${path}`);
  const frame = page.frames().find((each) => each.parentFrame() === page.mainFrame())!;
  return { page, frame, devtools, noted, close: () => context.close() };
}

export interface Noted {
  usefulMs?: number;
  /** The frame's first paint of anything, were it only its ground. */
  groundMs?: number;
  scripts?: readonly string[];
  /** The frame's `load`: until then Home Assistant covers it. */
  loadMs?: number;
  /** When the panel's script had taken the page over, so that all that can be pressed does something. */
  liveMs?: number;
}

/**
 * In the page: when the probability was first on the screen, from the navigation of its frame on, and which scripts had come by then. Where it stood
 * in the document when the browser first painted text, that paint is the instant, by the browser's own clock: a script may follow upon it at once, so
 * that a callback comes late. Where it came later, the instant is after the frame that shows it. Told when a panel in it is live.
 */
function noteFirstUseful(): void {
  const noted: Noted = {};
  let stoodMs: number | null = null;
  let afterFrameMs: number | null = null;
  const isSeen = (): boolean => document.querySelector(".probability")?.checkVisibility({ visibilityProperty: true }) ?? false;
  const look = (): void => {
    const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    if (noted.usefulMs !== undefined || first === undefined || stoodMs === null || !isSeen()) return;
    const usefulMs = stoodMs <= first ? first : afterFrameMs;
    if (usefulMs === null) return;
    observer.disconnect();
    noted.groundMs = performance.getEntriesByName("first-paint")[0]?.startTime ?? 0;
    noted.scripts = performance
      .getEntriesByType("resource")
      .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
      .filter(({ name, responseEnd }) => name.endsWith(".js") && responseEnd > 0 && responseEnd <= usefulMs)
      .map(({ name }) => name);
    noted.usefulMs = usefulMs;
    tell();
  };
  const tell = (): void => {
    const live = performance.getEntriesByName("live")[0]?.startTime;
    const load = (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming).loadEventStart;
    if (noted.usefulMs === undefined || load === 0 || (live === undefined && document.getElementById("panel") !== null)) return;
    // biome-ignore lint/suspicious/noConsole: the one way out that runs nothing else in the page.
    console.log(`noted ${JSON.stringify({ ...noted, loadMs: load, liveMs: live ?? 0 } satisfies Noted)}`);
  };
  const observer = new MutationObserver(() => {
    if (document.querySelector(".probability") === null) return;
    stoodMs ??= performance.now();
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (isSeen()) afterFrameMs ??= performance.now();
        look();
      }),
    );
  });
  observer.observe(document, { childList: true, subtree: true, attributes: true });
  new PerformanceObserver(look).observe({ type: "paint", buffered: true });
  new PerformanceObserver(tell).observe({ type: "mark", buffered: true });
  window.addEventListener("load", () => setTimeout(tell));
}
