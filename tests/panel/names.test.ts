import { expect, test } from "vitest";
import { openPanel } from "./panel.ts";

const HOSTILE = `<img src=x onerror="window.hasRun = true">'; DROP TABLE labels; --`;

/** Answers as the app gives them, with every name and text in them hostile: what may come from a home's own entities. */
test("a hostile name is text and nothing else", async () => {
  const panel = await openPanel({ path: "/now" });
  try {
    await panel.page.route(/\/api\/v1\/(?!me\b)/, async (route) => {
      const answer = await route.fetch();
      const text = await answer.text();
      const poisoned = text.replaceAll(
        /"((?:cause|effect|remedy|area|name|entityId|streamName|stream|feature|notes|reason|words|detail|card|saidBy)":)"(?:[^"\\]|\\.)*"/g,
        `"$1${JSON.stringify(HOSTILE)}`,
      );
      await route.fulfill({ response: answer, body: poisoned });
    });
    for (const link of await panel.frame.locator("nav a").all()) {
      await link.click();
      await panel.settled();
    }
    const { frame } = panel;
    await frame.evaluate(() => {
      location.hash = "#/first-run";
    });
    await frame.getByText("Choose entities").click();
    await frame.getByText("<img src=x").first().waitFor();
    expect(await frame.evaluate(() => "hasRun" in window || document.querySelector("main img") !== null)).toBe(false);
    expect(await panel.faults()).toEqual([]);
  } finally {
    await panel.close();
  }
});
