import { afterEach, expect, test } from "vitest";
import { openPanel, type Panel, type Wishes } from "./panel.ts";

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/first-run", ...wishes });
  return panel;
};
afterEach(() => panel.close());

test("the helpers are made by keyboard alone, a second time none is made, and their card can be copied", async () => {
  const { page, frame } = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  await frame.locator("summary", { hasText: "Say when it was so" }).focus();
  await page.keyboard.press("Enter");
  const make = frame.getByRole("button", { name: "Create the helpers" });
  await make.focus();
  await page.keyboard.press("Enter");
  await frame.getByText("input_datetime.sleep_start").first().waitFor();
  const outcomes = frame.locator(".helpers li");
  await expect.poll(() => outcomes.count()).toBeGreaterThan(1);
  await make.click();
  await expect.poll(async () => (await outcomes.allTextContents()).every((text) => text.includes("was there already"))).toBe(true);
  expect(await frame.locator("textarea").inputValue()).toContain("entity: input_datetime.sleep_end");
  await frame.getByRole("button", { name: "Copy the card" }).click();
  await frame.getByText("Copied").waitFor();
});

test("a training can be cancelled, and nothing half done is kept", { timeout: 150_000 }, async () => {
  const { frame } = await open();
  await frame.locator("summary", { hasText: "Let it learn" }).click();
  await frame.getByRole("button", { name: "Train now" }).click();
  await frame.getByRole("button", { name: "Cancel" }).click();
  await frame.getByText(/It gives up; nothing half done is kept|It had ended already/).waitFor();
  await frame.getByRole("button", { name: "Train now" }).waitFor({ timeout: 100_000 });
});

test("a training runs now, shows that it runs, and has its receipt", { timeout: 300_000 }, async () => {
  const { frame } = await open();
  const receipts = (): Promise<number> =>
    frame.evaluate(async () => ((await (await fetch("api/v1/runs/trainings")).json()) as { total: number }).total);
  const before = await receipts();
  await frame.locator("summary", { hasText: "Let it learn" }).click();
  await frame.getByRole("button", { name: "Train now" }).click();
  await frame.getByText("Running:").waitFor();
  await frame.getByText("Running:").waitFor({ state: "detached", timeout: 240_000 });
  await expect.poll(receipts).toBe(before + 1);
});

test("without a Home Assistant the first step says why, and who is an administrator is said not to be known, instead of a button that cannot work", async () => {
  const { frame } = await open({ isEmpty: true });
  await frame.getByText("0 of 5 steps are done").waitFor();
  expect(await frame.locator('[aria-current="step"] summary').textContent()).toContain("Connect to Home Assistant");
  await frame.locator(".degraded").first().waitFor();
  await frame.locator("summary", { hasText: "Let it learn" }).click();
  await frame.locator("details[open] .may-not").getByText("Home Assistant has not said yet whether you are one.").last().waitFor();
  expect(await frame.getByRole("button", { name: "Train now" }).count()).toBe(0);
});
