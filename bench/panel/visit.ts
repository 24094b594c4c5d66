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
  await page.goto(`${url}/app/slug${path}`);
  const frame = page.frames().find((each) => each.parentFrame() === page.mainFrame())!;
  return { page, frame, devtools, close: () => context.close() };
}

export interface Noted {
  usefulMs?: number;
  /** The frame's ground, before any of the panel's scripts: what the browser takes for an empty page. */
  groundMs?: number;
  scripts?: readonly string[];
}

/** In the page: when the probability was first on the screen, from the navigation of its frame on, and which scripts had come by then. */
function noteFirstUseful(): void {
  const noted: Noted = {};
  Object.assign(window, { noted });
  const observer = new MutationObserver(() => {
    if (document.querySelector(".probability") === null) return;
    observer.disconnect();
    // After the frame that shows it.
    requestAnimationFrame(() =>
      setTimeout(() => {
        noted.usefulMs = performance.now();
        noted.groundMs = performance.getEntriesByName("first-paint")[0]?.startTime ?? 0;
        noted.scripts = performance
          .getEntriesByType("resource")
          .map(({ name }) => name)
          .filter((name) => name.endsWith(".js"));
      }),
    );
  });
  observer.observe(document, { childList: true, subtree: true });
}
