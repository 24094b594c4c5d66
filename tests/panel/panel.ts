import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from "playwright-core";
import { inject } from "vitest";
import { DEVICES } from "./devices.ts";
import { type Ingress, MEMBER, startIngress } from "./ingress.ts";
import type { Around } from "./parent-page.ts";

/** The panel in a browser, as a person meets it: inside Home Assistant's page, or alone. */

export interface Wishes extends Partial<Around> {
  readonly device?: keyof typeof DEVICES;
  readonly width?: number;
  /** The path in Home Assistant behind the app's own. */
  readonly path?: string;
  /** What the device prefers. */
  readonly prefers?: "light" | "dark";
  readonly browserZone?: string;
  /** No administrator. */
  readonly isMember?: boolean;
  /** Of the empty home. */
  readonly isEmpty?: boolean;
  readonly permissions?: readonly string[];
}

export interface Panel {
  readonly page: Page;
  /** The app's frame in it. */
  readonly frame: Frame;
  readonly ingress: Ingress;
  /** Breaches of the policy and errors that the page has had so far; none is right. */
  faults(): Promise<string[]>;
  /** Opens a screen by its address inside the panel and waits until nothing loads any more. */
  open(path: string): Promise<void>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env["SHOTS"] ?? join(import.meta.dirname, "../../dist/panel-shots");

let connected: Promise<Browser> | null = null;
const browser = (): Promise<Browser> => {
  connected ??= chromium.connect(inject("browser"));
  return connected;
};

export async function openPanel(wishes: Wishes = {}): Promise<Panel> {
  const {
    device = "desktop",
    width,
    path = "",
    prefers = "light",
    browserZone = "America/New_York",
    isEmpty = false,
    isMember = false,
    ...around
  } = wishes;
  const ingress = await startIngress(
    inject(isEmpty ? "emptyApp" : "app"),
    isMember ? MEMBER : { id: inject("administrator"), name: "ann", displayName: "Ann Müller" },
  );
  ingress.setAround(around);
  const { viewport, ...rest } = DEVICES[device];
  const context: BrowserContext = await (await browser()).newContext({
    ...rest,
    viewport: { ...viewport, width: width ?? viewport.width },
    colorScheme: prefers,
    timezoneId: browserZone,
    locale: "en-US",
    permissions: [...(wishes.permissions ?? [])],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => void errors.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A network that a test cuts off is told by the browser, too.
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text()))
      errors.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    const breaches: string[] = [];
    Object.assign(window, { breaches });
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
      breaches.push(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`),
    );
  });
  await page.goto(`${ingress.url}/app/slug${path}`);
  const frame = page.frames().find((each) => each.parentFrame() === page.mainFrame())!;
  const settled = async (): Promise<void> => {
    await frame.waitForFunction(
      () => document.querySelector("main h1, main h2") !== null && document.querySelector('main [aria-busy="true"]') === null,
    );
  };
  await settled();
  return {
    page,
    frame,
    ingress,
    settled,
    async faults() {
      const breaches = await frame.evaluate(() => (window as unknown as { breaches: string[] }).breaches);
      return [...breaches.map((breach) => `policy: ${breach}`), ...errors, ...ingress.outside.map((asked) => `asked outside: ${asked}`)];
    },
    async open(place) {
      await frame.evaluate((hash) => {
        location.hash = hash;
      }, place);
      await settled();
    },
    async close() {
      await context.close();
      await ingress.stop();
    },
  };
}

/** The page asks everything, so that a test can answer. */
export async function withoutAnswers(page: Page): Promise<void> {
  await page.route(/\/api\/hassio_ingress\/[^/]+\/$/, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/<script type="application\/json" id="answers">.*?<\/script>/, "");
    await route.fulfill({ response, body });
  });
}

/** The page as somebody who may only look sees it; what it writes all the same is listed. */
export async function asReader({ page, frame }: Panel): Promise<{ readonly frame: Frame; readonly written: readonly string[] }> {
  const written: string[] = [];
  page.on("request", (request) => {
    if (request.method() !== "GET") written.push(request.url());
  });
  const who = await page.request.get(new URL("api/v1/me", frame.url()).href);
  const reader = { ...((await who.json()) as object), scope: "read" };
  await withoutAnswers(page);
  await page.route("**/api/v1/me", (route) => route.fulfill({ json: reader }));
  await page.reload();
  return { frame: page.frames().find((each) => each.parentFrame() === page.mainFrame())!, written };
}

/** What axe finds, one line each; nothing is right. */
export async function axeFindings(frame: Frame): Promise<string[]> {
  await frame.evaluate(AXE);
  const { violations } = await frame.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(where: Document, options: object): Promise<AxeResults> } };
    return axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary?.replaceAll(/\s+/g, " ")}`),
  );
}

/** By how many pixels the page can be scrolled sideways; none is right. */
export function sidewaysPixels(frame: Frame): Promise<number> {
  return frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** A picture of all of the screen, for people to look at. */
export async function shoot({ page, frame }: Panel, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize()!;
  const height = await frame.evaluate(() => document.querySelector(".frame")!.scrollHeight);
  await page.setViewportSize({ width: before.width, height: Math.min(6000, Math.max(before.height, height + 60)) });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  await page.setViewportSize(before);
}
