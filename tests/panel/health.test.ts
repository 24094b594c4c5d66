import { afterEach, expect, test } from "vitest";
import { axeFindings, openPanel, type Panel, shoot, type Wishes } from "./panel.ts";

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/health", ...wishes });
  return panel;
};
afterEach(() => panel.close());

test("a job runs from its row, its receipt is there as soon as it has ended, and receipts can be told apart by job", async () => {
  const { frame } = await open();
  const receipts = frame.getByRole("region", { name: "Receipts" });
  const backups = receipts.locator(".rows li", { hasText: "Backup" });
  await receipts.getByLabel("Job").selectOption("backup");
  await backups.first().waitFor();
  const before = await backups.count();
  await frame.getByRole("button", { name: "Run now: Backup" }).click();
  await expect.poll(() => backups.count(), { timeout: 60_000 }).toBeGreaterThan(before);
  await expect
    .poll(async () => (await receipts.locator(".rows li").allTextContents()).every((text) => text.startsWith("Backup")))
    .toBe(true);
  await receipts.getByLabel("Outcome").selectOption("failed");
  await receipts.getByText("No run of this kind.").waitFor();
  await receipts.getByLabel("Job").selectOption("");
  await receipts.getByLabel("Outcome").selectOption("");
  await receipts.locator(".rows li", { hasText: "Training" }).first().waitFor();
});

test("the diagnostics file comes with one click, through ingress, and holds no name of the home", async () => {
  const { page, frame } = await open();
  const coming = page.waitForEvent("download");
  await frame.getByRole("link", { name: "Download diagnostics" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^ml-data-layer-\d{4}-\d{2}-\d{2}\.json$/);
  let text = "";
  for await (const part of await download.createReadStream()) text += String(part);
  const file = JSON.parse(text) as Record<string, unknown>;
  expect(file).toMatchObject({ appVersion: expect.any(String), health: { status: expect.any(String) } });
  const names = await frame.evaluate(async () => {
    const { items } = (await (await fetch("api/v1/entities?limit=1000")).json()) as { items: { entityId: string }[] };
    return items.map(({ entityId }) => entityId);
  });
  expect(names.length).toBeGreaterThan(10);
  for (const name of [...names, "the-supervisor's-token"]) expect(text).not.toContain(name);
});

test("what is wrong stands first with its remedy, and what was never measured is said to be so", async () => {
  const { frame } = await open({ isEmpty: true });
  const attention = frame.getByRole("region", { name: "Needs attention" });
  await attention.getByText("What to do:").first().waitFor();
  await frame.getByRole("region", { name: "Jobs" }).getByText("Jobs begin once Home Assistant has told its time zone").waitFor();
  await frame.getByText("How large it will get is known after a week.").waitFor();
  await frame.getByText("No run has been due yet.").waitFor();
});

/** Answers of the API as they are in a home that has lost something. */
test("gaps and failed runs are told in words, German too, and axe finds nothing", async () => {
  const { page, frame } = await open({ language: "de", path: "/now" });
  const gap = { id: 1, entityId: null, fromUtc: "2026-11-20T10:00:00.000Z", toUtc: "2026-11-20T10:40:00.000Z" };
  const gaps = [
    { ...gap, reason: "disconnected", outcome: "partly", why: "not in the recorder", entitiesUnfilled: 3 },
    { ...gap, id: 2, reason: "not running", outcome: "lost", why: "purged by the recorder", entitiesUnfilled: 0 },
  ];
  const run = { id: 9, job: "train", dueAtUtc: gap.fromUtc, startedAtUtc: gap.fromUtc, finishedAtUtc: gap.toUtc, rows: null };
  await page.route(/api\/v1\/gaps/, (route) => route.fulfill({ json: { items: gaps, total: 60, limit: 8, offset: 0 } }));
  await page.route(/api\/v1\/schedules\/receipts/, (route) =>
    route.fulfill({ json: { items: [{ ...run, status: "failed", error: "the disk is full" }], total: 1, limit: 10, offset: 0 } }),
  );
  await panel.open("/health");
  const card = frame.getByRole("region", { name: "Lücken" });
  await shoot(panel, "health-gaps");
  await card.locator("li").getByText("Zum Teil gefüllt").waitFor({ timeout: 5000 });
  await card.getByText("Home Assistant war nicht verbunden; Home Assistant zeichnet es nicht auf; von 3 Entitäten").waitFor();
  await card.getByText("2 von 60").waitFor();
  await frame.getByText("the disk is full").waitFor();
  await frame.getByText("Gescheitert, dauerte 40 min").waitFor();
  expect(await axeFindings(frame)).toEqual([]);
});
