import { afterEach, expect, test } from "vitest";
import { axeFindings, openPanel, type Panel, shoot, sidewaysPixels, type Wishes } from "./panel.ts";

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/connect", ...wishes });
  return panel;
};
afterEach(() => panel.close());

const clipboard = { permissions: ["clipboard-read", "clipboard-write"] } as const;

test("the YAML of a sensor is copied by keyboard, with the path of this very database", async () => {
  const { page, frame } = await open(clipboard);
  const path = await frame.getByRole("textbox", { name: "Path", exact: true }).inputValue();
  expect(path).toMatch(/^\/.*\/ha_ml_data_layer\.db$/);
  await frame.getByLabel("It tells").selectOption("probability");
  const copy = frame.getByRole("button", { name: "Copy: For configuration.yaml" });
  await copy.focus();
  await page.keyboard.press("Enter");
  await frame.getByText("Copied").waitFor();
  const yaml = await frame.evaluate(() => navigator.clipboard.readText());
  expect(yaml).toContain(`db_url: "sqlite:///file:${path}?mode=ro&uri=true"`);
  expect(yaml).toContain("FROM vw_clr_latest_prediction WHERE target_name = 'sleep' LIMIT 1");
  await frame.getByText("Without YAML and without a restart").click();
  expect(await frame.getByRole("textbox", { name: "Unit of measurement" }).inputValue()).toBe("%");
});

test.each(["desktop", "phone"] as const)(
  "a view opens by its address with its columns and live rows, and all of it is a file (%s)",
  async (device) => {
    const { page, frame } = await open({ path: "/connect/vw_clr_latest_prediction", device });
    const table = frame.locator(".view-table");
    const row = table.locator("tr", { hasText: "target_name" });
    await row.getByText("sleep", { exact: true }).waitFor();
    await table.locator("tr", { hasText: "probability" }).first().waitFor();
    await shoot(panel, `connect-view-${device}`);
    expect(await axeFindings(frame)).toEqual([]);
    expect(await sidewaysPixels(frame)).toBe(0);
    const coming = page.waitForEvent("download");
    await frame.getByRole("link", { name: "All rows as CSV" }).click();
    expect((await coming).suggestedFilename()).toBe("vw_clr_latest_prediction.csv");
    await frame.locator("summary", { hasText: "vw_health" }).click();
    await frame.waitForFunction(() => location.hash === "#/connect/vw_health");
    await frame.locator(".view-table tr", { hasText: "status" }).first().waitFor();
  },
);

test("the dashboard card has the helpers of every target, and a view without rows says so", async () => {
  const { frame } = await open();
  expect(await frame.getByRole("textbox", { name: "A card for saying it" }).inputValue()).toContain("- entity: input_datetime.sleep_start");
  await frame.locator("summary", { hasText: "vw_gaps" }).click();
  await frame.getByText("It has no row yet.").waitFor();
});
