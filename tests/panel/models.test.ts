import { afterEach, expect, test } from "vitest";
import { axeFindings, openPanel, type Panel, shoot, type Wishes } from "./panel.ts";

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/models", ...wishes });
  return panel;
};
afterEach(() => panel.close());

interface Model {
  readonly modelVersion: number;
  readonly serves: boolean;
  readonly report: { readonly log_loss: number; readonly reliability: readonly { readonly count: number }[] };
  readonly artifact: { readonly feature_names: readonly string[] };
  readonly effects: readonly { readonly odds: number }[];
}
interface Models {
  readonly items: readonly Model[];
  readonly total: number;
}

/** The API's own answer, asked as the page asks. */
const api = <T>(path: string): Promise<T> =>
  panel.frame.evaluate(async (address) => (await (await fetch(`api/v1${address}`)).json()) as never, path);
const serving = async (): Promise<number> => (await api<Models>("/models?target=sleep")).items.find(({ serves }) => serves)!.modelVersion;

test("a model's gates, report card, reliability and effects stand on the screen as the API tells them", async () => {
  const { frame } = await open();
  const version = await serving();
  const { report, artifact, effects } = await api<Model>(`/models/${version}?target=sleep`);
  const { targets } = await api<{ targets: [{ readiness: { gates: { have: number; need: number }[] } }] }>("/overview");
  const gates = frame.getByRole("region", { name: "How far it has come" }).locator(".gates li");
  const counts = targets[0].readiness.gates.map(({ have, need }) => `${have.toLocaleString("en")} of ${need.toLocaleString("en")}`);
  expect(
    (await gates.locator(".gate-count").allInnerTexts()).map((text) => text.split("\n")[0]!.replace(/ (?:reached|missing).*/, "")),
  ).toEqual(counts.map((text) => expect.stringContaining(text)));
  const card = frame.getByRole("region", { name: `Report card of model ${version}` });
  await card.getByText(report.log_loss.toFixed(3), { exact: true }).waitFor();
  await card.getByText(/better than the time of day alone/).waitFor();
  const curve = frame.getByRole("region", { name: "When it says so much, how often is it so?" });
  const bins = report.reliability.filter(({ count }) => count > 0).length;
  expect(await curve.locator("svg circle").count()).toBe(bins);
  await curve.getByText("As a table").click();
  expect(await curve.locator("tbody tr").count()).toBe(bins);
  const moves = frame.getByRole("region", { name: "What moves it" });
  await moves.getByRole("button", { name: "Show more" }).click();
  expect(await moves.locator(".effects li").count()).toBe(effects.length);
  const signs = (await moves.locator(".effects .number").allInnerTexts()).map((text) => text.includes("×"));
  expect(signs).toEqual(effects.map(({ odds }) => odds >= 1));
  await moves.getByText(/^All \d+ coefficients$/).click();
  expect(await moves.locator(".coefficients tbody tr").count()).toBe(artifact.feature_names.length);
  expect(await axeFindings(frame)).toEqual([]);
  expect(await panel.faults()).toEqual([]);
});

test("a training shows how far it is, is cancelled, and leaves the models as they were", { timeout: 150_000 }, async () => {
  const { frame } = await open();
  const { total } = await api<Models>("/models?target=sleep");
  const gates = frame.getByRole("region", { name: "How far it has come" });
  await gates.getByRole("button", { name: "Train now" }).click();
  await gates.getByText("Running:").waitFor();
  await gates.getByRole("progressbar", { name: "Train now" }).waitFor();
  await shoot(panel, "models-training");
  expect(await axeFindings(frame)).toEqual([]);
  await gates.getByRole("button", { name: "Cancel" }).click();
  await frame.getByText("It gives up; nothing half done is kept.").waitFor();
  await gates.getByRole("button", { name: "Train now" }).waitFor({ timeout: 100_000 });
  expect((await api<Models>("/models?target=sleep")).total).toBe(total);
  // Broken once: it stood there as failed, with no day and no window.
  const ended = frame.getByRole("region", { name: "Trainings" }).getByRole("listitem").first();
  await ended.getByText("Cancelled", { exact: true }).waitFor();
  expect(await ended.textContent()).not.toMatch(/Failed|windows/);
});

test("another model is trained, serves, is undone, serves again and is rolled back, each said before and seen after", {
  timeout: 300_000,
}, async () => {
  const { frame, page } = await open();
  const first = await serving();
  const trainings = frame.getByRole("region", { name: "Trainings" });
  const history = frame.getByRole("region", { name: "All models" });
  await frame.getByRole("button", { name: "Train now" }).click();
  await frame.getByText("Running:").waitFor();
  await frame.getByText("Running:").waitFor({ state: "detached", timeout: 240_000 });
  const { items } = await api<Models>("/models?target=sleep");
  const newest = items[0]!.modelVersion;
  expect(newest).toBeGreaterThan(first);
  await history.getByRole("link", { name: `Model ${newest}`, exact: true }).waitFor();
  await trainings.getByText(`Model ${newest}`, { exact: true }).waitFor();

  const now = await serving();
  const other = items.find(({ modelVersion }) => modelVersion !== now)!.modelVersion;
  const dialog = frame.getByRole("dialog");
  // By keyboard alone: asked first, given up, asked again, done.
  const button = history.getByRole("button", { name: `Let it serve: Model ${other}` });
  await button.focus();
  await page.keyboard.press("Enter");
  await dialog.getByText(`Now model ${now} serves:`).waitFor();
  await dialog.getByText(`Then model ${other}:`).waitFor();
  await shoot(panel, "models-promote");
  expect(await axeFindings(frame)).toEqual([]);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect([await serving(), await button.evaluate((element) => element === document.activeElement)]).toEqual([now, true]);
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Let it serve" }).press("Enter");
  await frame.getByText(`Model ${other} serves now.`).waitFor();
  await history.locator("li", { hasText: "★" }).getByText(`Model ${other}`).waitFor();
  expect(await serving()).toBe(other);

  await frame.getByRole("button", { name: "Undo" }).click();
  await history.locator("li", { hasText: "★" }).getByText(`Model ${now}`).waitFor();
  expect(await serving()).toBe(now);

  if (now !== newest) {
    await button.click();
    await dialog.getByRole("button", { name: "Let it serve" }).click();
    await history.locator("li", { hasText: "★" }).getByText(`Model ${newest}`).waitFor();
  }
  // The button names what it leads to, and that is what it does.
  const { rollsBackTo: back } = await api<{ rollsBackTo: number }>("/models?target=sleep");
  await history.getByRole("button", { name: `Roll back to model ${back}` }).click();
  await dialog.getByText(`Then model ${back}:`).waitFor();
  await dialog.getByRole("button", { name: `Roll back to model ${back}` }).click();
  await history.locator("li", { hasText: "★" }).getByText(`Model ${back}`).waitFor();
  expect(await serving()).toBe(back);

  await history.getByText("Who came when, and why").click();
  await history.getByText(`rolled back by hand from model ${newest}`).first().waitFor();
  await history.getByText("chosen by hand").first().waitFor();
  expect(await history.locator(".score-line circle").count()).toBe((await api<Models>("/models?target=sleep")).total);
  await shoot(panel, "models-two");
  await history.getByRole("link", { name: `Model ${newest}`, exact: true }).click();
  await frame
    .getByRole("region", { name: `Report card of model ${newest}` })
    .getByText("This model is stored and does not serve.")
    .waitFor();
  expect(await axeFindings(frame)).toEqual([]);
  expect(await panel.faults()).toEqual([]);
});

// Before, everybody was shown the buttons, and heard of the rule from the server alone.
test.each(["en", "de"])("who is no administrator sees all of it and is told why there is no button (%s)", async (language) => {
  const { frame } = await open({ isMember: true, language });
  const why =
    language === "en" ? "Only an administrator of Home Assistant may do this." : "Das dürfen nur Administratoren von Home Assistant.";
  for (const place of ["/models", "/health", "/first-run"]) {
    await panel.open(place);
    await frame.locator(".may-not").getByText(why).first().waitFor({ state: "attached" });
    const names = await frame.locator("main button").allInnerTexts();
    expect(names.filter((name) => /Train|Run|Let it serve|Roll back|Create|Jetzt|Zurück/.test(name))).toEqual([]);
  }
  expect(await panel.faults()).toEqual([]);
});
