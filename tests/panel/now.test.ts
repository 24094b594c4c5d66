import { afterEach, describe, expect, test } from "vitest";
import { openPanel, type Panel, type Wishes } from "./panel.ts";

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/now", ...wishes });
  return panel;
};
afterEach(() => panel.close());

/** The API's own answer, asked as the page asks. */
const api = <T>(path: string, options: { readonly method?: string; readonly body?: object } = {}): Promise<T> =>
  panel.frame.evaluate(
    async ([address, { method = "GET", body }]) => {
      const init = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
      return (await (await fetch(`api/v1${address}`, { method, ...init })).json()) as never;
    },
    [path, options] as const,
  );

interface Target {
  readonly prediction: { readonly probability: number; readonly isOn: boolean | null; readonly modelVersion: number };
}

describe("a target", () => {
  test("its probability, reasons, sureness and last night stand on the screen as the API tells them", async () => {
    const { frame } = await open();
    const { targets } = await api<{ targets: [Target] }>("/overview");
    const { probability, isOn, modelVersion } = targets[0].prediction;
    const whole = probability < 0.01 ? "<1%" : probability > 0.99 ? ">99%" : `${Math.round(probability * 100)}%`;
    const card = frame.getByRole("region", { name: "Sleep" });
    await card.getByText(whole, { exact: true }).first().waitFor();
    if (isOn !== null) await card.getByText(isOn ? /^On since|^On$/ : /^Off since|^Off$/).waitFor();
    await card.getByText(`Model ${modelVersion}`).waitFor();
    await card.getByText("Time of day").first().waitFor();
    expect(await card.locator(".reasons li").count()).toBeGreaterThan(1);
    expect(await card.locator(".reasons li").count()).toBeLessThan(6);
    await card.getByText(/^When it said about .*%, it was so .*% of the time/).waitFor();
    expect(await card.locator(".night").textContent()).toMatch(/: (?:you said|the model thinks|nothing was said)/);
    expect(await card.getByRole("img").getAttribute("aria-label")).toMatch(/^Probability over the last 24 hours, from /);
  });

  // Broken once: without the topic "health" the night was there only after the next prediction.
  test("what is said elsewhere is on the screen within two seconds, and gone as soon when it is taken back", async () => {
    const { frame } = await open();
    const link = frame.locator(".night a");
    const day = /timeline\/(\d{4}-\d{2}-\d{2})/.exec((await link.getAttribute("href")) ?? "")![1]!;
    const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
    // Over by now, also when the test runs in the middle of that night: what lies ahead is no label.
    const { labels } = await api<{ labels: [{ id: number }] }>("/labels", {
      method: "POST",
      body: { target: "sleep", start: `${before}T22:41`, end: `${before}T22:59` },
    });
    await frame.getByText(/you said.*22:41.*22:59/).waitFor({ timeout: 2500 });
    await api(`/labels/${labels[0].id}`, { method: "DELETE" });
    await frame.getByText(/you said.*22:41/).waitFor({ state: "detached", timeout: 2500 });
  });
});

test("a cut leaves what was there, says since when, and is over by itself", async () => {
  const { frame, ingress } = await open();
  const probability = (await frame.locator(".big").textContent())!;
  ingress.cut(true, { requests: true });
  await frame.getByText(/^Not connected since/).waitFor({ timeout: 60_000 });
  expect(await frame.locator(".big").textContent()).toBe(probability);
  await frame
    .getByText(/^As of .*, reconnecting/)
    .first()
    .waitFor();
  ingress.cut(false);
  await frame.getByText(/^Not connected since/).waitFor({ state: "detached", timeout: 60_000 });
  await frame.getByText(/reconnecting/).waitFor({ state: "detached" });
});

test("what is not as it should be stands above everything, since when, with what to do", async () => {
  const { frame } = await open({ isEmpty: true });
  const strip = frame.getByRole("region", { name: "Needs attention" });
  await strip.getByText("What to do:").first().waitFor();
  expect(await strip.locator("time").count()).toBeGreaterThan(0);
  await frame.getByText("Not connected to Home Assistant").waitFor();
  await frame.locator("main").getByRole("link", { name: "First steps" }).click();
  await frame.waitForFunction(() => location.hash === "#/first-run");
});
