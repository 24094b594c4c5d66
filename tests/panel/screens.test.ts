import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { axeFindings, openPanel, shoot, sidewaysPixels } from "./panel.ts";

/** What holds of every screen, whatever it shows. */

const FOLDER = join(import.meta.dirname, "../../src/web/panel/screens");
const screens = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, "screen.tsx")));

describe.each(screens)("the screen %s", (name) => {
  test.each([
    ["desktop", "light"],
    ["desktop", "dark"],
    ["phone", "light"],
    ["phone", "dark"],
  ] as const)("axe finds nothing, the policy is kept, nothing scrolls sideways (%s, %s)", async (device, theme) => {
    // The device prefers the other one: what counts is Home Assistant's theme.
    const panel = await openPanel({ device, theme, prefers: theme === "dark" ? "light" : "dark", path: `/${name}` });
    try {
      expect(await panel.frame.evaluate(() => document.documentElement.dataset["theme"])).toBe(theme);
      await shoot(panel, `${name}-${device}-${theme}`);
      expect(await axeFindings(panel.frame)).toEqual([]);
      expect(await sidewaysPixels(panel.frame)).toBe(0);
      expect(await panel.faults()).toEqual([]);
    } finally {
      await panel.close();
    }
  });

  test("with nothing stored yet it says what is absent and what to do, and axe finds nothing", async () => {
    const panel = await openPanel({ isEmpty: true, path: `/${name}` });
    try {
      await shoot(panel, `${name}-empty`);
      const cards = await panel.frame.locator("main section.card").allInnerTexts();
      expect(cards.length).toBeGreaterThan(0);
      for (const text of cards) expect([text, text.split("\n").filter((line) => line.trim() !== "").length > 1]).toEqual([text, true]);
      expect(await axeFindings(panel.frame)).toEqual([]);
      expect(await panel.faults()).toEqual([]);
    } finally {
      await panel.close();
    }
  });

  test.each([320, 2560])("it fits %s px, in German too", async (width) => {
    const panel = await openPanel({ width, language: "de", path: `/${name}` });
    try {
      await shoot(panel, `${name}-de-${width}`);
      expect(await sidewaysPixels(panel.frame)).toBe(0);
      expect(await panel.frame.evaluate(() => document.documentElement.lang)).toBe("de");
    } finally {
      await panel.close();
    }
  });

  test("a cut connection leaves what was there, said to be old; a first answer that does not come says so and can be tried again", async () => {
    const panel = await openPanel({ path: `/${name}` });
    try {
      await panel.frame.page().route("**/api/v1/**", (route) => (route.request().url().endsWith("/me") ? route.continue() : route.abort()));
      await panel.frame.page().reload();
      const frame = panel.page.frames().find((each) => each.parentFrame() === panel.page.mainFrame())!;
      await frame.getByRole("button", { name: "Retry" }).first().waitFor();
      await shoot({ ...panel, frame }, `${name}-failed`);
      expect(await axeFindings(frame)).toEqual([]);
    } finally {
      await panel.close();
    }
  });
});
