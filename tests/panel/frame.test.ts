import { afterEach, describe, expect, test } from "vitest";
import { openPanel, type Panel, type Wishes } from "./panel.ts";

/** The frame around every screen: where it lives, what it follows, what it says when something is missing. */

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel(wishes);
  return panel;
};
afterEach(() => panel.close());

const background = (): Promise<string> => panel.frame.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

describe("behind ingress", () => {
  test("everything is asked under the prefix, the lazy screens and the websocket too, and the policy is kept", async () => {
    const { frame, ingress, faults } = await open();
    await frame.waitForFunction(() => performance.getEntriesByType("resource").length > 4);
    for (const link of await frame.locator("nav a").all()) {
      await link.click();
      await panel.settled();
    }
    expect([...ingress.asked.keys()].filter((path) => path.startsWith("/assets/")).length).toBeGreaterThan(3);
    expect(await faults()).toEqual([]);
  });

  test("files that are named by their content are kept, the page is asked again", async () => {
    const { frame } = await open();
    const kept = await frame.evaluate(async () => {
      const [page, asset] = await Promise.all([fetch("."), fetch(document.querySelector("script[src]")!.getAttribute("src")!)]);
      return [page.headers.get("cache-control"), asset.headers.get("cache-control"), asset.headers.get("content-encoding")];
    });
    expect(kept).toEqual([expect.stringMatching(/^no-(?:store|cache)$/), "public, max-age=31536000, immutable", "deflate"]);
  });

  test("a script that is put into the page does not run", async () => {
    const { frame, faults } = await open();
    await frame.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.hasRun = true";
      document.body.append(script);
    });
    expect(await frame.evaluate(() => "hasRun" in window)).toBe(false);
    expect((await faults())[0]).toMatch(/^policy: script-src/);
  });
});

describe("Home Assistant's page around it", () => {
  test.each([
    ["light", "dark", "rgb(250, 250, 250)"],
    ["dark", "light", "rgb(17, 17, 17)"],
  ] as const)("its theme counts (%s), not the device's (%s), and is followed at once", async (theme, prefers, colour) => {
    const { page, frame } = await open({ theme, prefers });
    expect(await background()).toBe(colour);
    await page.evaluate((next) => (window as unknown as { setTheme(name: string): void }).setTheme(next), "custom");
    await frame.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
    expect(await background()).toBe("rgb(31, 18, 43)");
  });

  test("a path behind the app's own opens that screen, at the start and later", async () => {
    const { page, frame } = await open({ path: "/first-run" });
    expect(await frame.evaluate(() => location.hash)).toBe("#/first-run");
    await page.evaluate(() => (window as unknown as { setPath(path: string): void }).setPath("/now"));
    await frame.waitForFunction(() => location.hash === "#/now");
    // Not an address of the panel's: nothing happens.
    await page.evaluate(() => (window as unknown as { setPath(path: string): void }).setPath("//evil.example/x"));
    expect(await frame.evaluate(() => location.hash)).toBe("#/now");
  });

  test("no kiosk mode and no safe area is asked for", async () => {
    const { page } = await open();
    expect(await page.evaluate(() => (window as unknown as { wanted: unknown[] }).wanted)).toEqual([
      { type: "home-assistant/subscribe-properties", kioskMode: false, handleSafeArea: false },
    ]);
  });

  test("its language and clock count, and times are the home's, whatever the browser's zone", async () => {
    await open({ language: "de", browserZone: "Pacific/Auckland" });
    expect(await panel.frame.locator("nav a").first().textContent()).toContain("Jetzt");
    const [clock, expected] = await panel.frame.evaluate(async () => {
      const { timeZone } = (await (await fetch("api/v1/me")).json()) as { timeZone: string };
      const time = document.querySelector<HTMLTimeElement>("main time[datetime]")!;
      return [
        time.title,
        new Intl.DateTimeFormat("de", { timeZone, dateStyle: "full", timeStyle: "long" }).format(new Date(time.dateTime)),
      ];
    });
    expect(clock).toBe(expected);
  });
});

describe("when something is missing", () => {
  test("a session that has ended is said, and one button loads Home Assistant's page anew", async () => {
    const { page, frame, ingress } = await open({ path: "/now" });
    ingress.endSessions();
    // Broken once: the screen's own file was refused first, and the panel spoke of an update.
    await frame.evaluate(() => {
      location.hash = "#/first-run";
    });
    await frame.getByText("Your Home Assistant session ended").waitFor();
    await frame.getByRole("button", { name: "Reload" }).click();
    await page.waitForFunction(() => document.querySelector("iframe")?.contentDocument?.querySelector("main h2") !== null);
  });

  test("without a websocket it asks instead, and says so; with one again it is live", async () => {
    const { frame, ingress } = await open();
    ingress.cut(true);
    await frame.getByText("asked every 10 seconds").waitFor({ timeout: 60_000 });
    ingress.cut(false);
    await frame.getByText("asked every 10 seconds").waitFor({ state: "detached", timeout: 60_000 });
  });

  test("an address that is no screen says so and leads back", async () => {
    const { frame } = await open();
    await frame.evaluate(() => {
      location.hash = "#/nowhere/<img src=x onerror=alert(1)>";
    });
    await frame.getByText("There is no screen “nowhere”").waitFor();
    await frame.locator("main").getByRole("link", { name: "Now" }).click();
    await panel.settled();
    expect(await panel.faults()).toEqual([]);
  });
});

describe("keys", () => {
  test("digits open screens, ? lists all keys, and single letters can be switched off", async () => {
    const { page, frame } = await open({ path: "/now" });
    await frame.locator("main").focus();
    await page.keyboard.press("2");
    expect(await frame.evaluate(() => location.hash)).not.toBe("#/now");
    await page.keyboard.press("1");
    await frame.waitForFunction(() => location.hash === "#/now");
    await page.keyboard.press("?");
    await frame.getByRole("dialog", { name: "Keys" }).waitFor();
    await frame.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await frame.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("2");
    expect(await frame.evaluate(() => location.hash)).toBe("#/now");
  });

  test("the first Tab leads to a link that skips the navigation", async () => {
    const { page, frame } = await open();
    await frame.evaluate(() => document.body.focus());
    await frame.locator("body").press("Tab");
    await page.keyboard.press("Enter");
    expect(await frame.evaluate(() => document.activeElement?.id)).toBe("main");
  });
});
