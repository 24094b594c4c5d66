import { afterEach, describe, expect, test } from "vitest";
import { asReader, axeFindings, openPanel, type Panel, shoot, sidewaysPixels, type Wishes } from "./panel.ts";

/** Changes of habit as a person confirms, turns down and mutes them; each test leaves the home as it was. */

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/changes", ...wishes });
  return panel;
};
afterEach(() => panel.close());

interface Report {
  readonly id: number;
  readonly stream: string;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly isMuted: boolean;
  readonly words: string;
}

/** The API's own answer, asked as the page asks. */
const api = <T>(path: string): Promise<T> =>
  panel.frame.evaluate(async (address) => (await (await fetch(`api/v1${address}`)).json()) as never, path);
const reports = async (query: string): Promise<readonly Report[]> => (await api<{ items: Report[] }>(`/changes?limit=1000${query}`)).items;
const CURRENT = "&isWithdrawn=false&isMuted=false&isRejected=false";
const ids = async (): Promise<number[]> => (await reports(CURRENT)).map(({ id }) => id);

const undo = async (): Promise<void> => {
  await panel.frame.getByRole("button", { name: "Undo" }).click();
  await panel.frame.getByText("Undone").waitFor();
};

describe("a report", () => {
  test("is confirmed with the keyboard alone; who and when stand beside it, Ctrl+Z takes it back", async () => {
    const { frame, page, faults } = await open();
    const before = await reports("");
    const [first] = await reports(CURRENT);
    const row = frame.locator(".change").first();
    expect(await row.locator(".lead").textContent()).toBe(first!.words);
    await row.getByRole("button", { name: /^Right/ }).focus();
    await page.keyboard.press("Enter");
    await row.getByText(/^✓ Right, says .+, .+\.$/).waitFor();
    expect(await row.getByRole("button", { name: /^Right/ }).getAttribute("aria-pressed")).toBe("true");
    const [confirmed] = await reports(CURRENT);
    expect(confirmed).toMatchObject({ id: first!.id, answer: "confirmed" });
    expect(await row.textContent()).toContain(confirmed!.answeredBy);
    await page.keyboard.press("Control+z");
    await frame.getByText("Undone").waitFor();
    await row.getByText(/^✓ Right/).waitFor({ state: "detached" });
    expect(await reports("")).toEqual(before);
    expect(await faults()).toEqual([]);
  });

  test("that is wrong counts no longer, stands among the wrong ones, and is taken back there by pressing again", async () => {
    const { frame } = await open();
    const before = await ids();
    const [{ words }] = (await reports(CURRENT)) as [Report];
    await frame
      .locator(".change")
      .first()
      .getByRole("button", { name: /^Wrong/ })
      .click();
    await frame.getByText("Noted as wrong; it no longer counts.").waitFor();
    await expect.poll(async () => (await frame.locator(".change .lead").allTextContents())[0]).not.toBe(words);
    expect(await ids()).toEqual(before.slice(1));
    await frame.getByLabel("Show").first().selectOption("rejected");
    const row = frame.locator(".change", { hasText: words });
    await row.getByText(/^✗ Wrong, says .+ It no longer counts\.$/).waitFor();
    await row.getByRole("button", { name: /^Wrong/ }).click();
    await frame.getByText("Your answer was taken back.").waitFor();
    await frame.getByText("No change here is like that.").waitFor();
    expect(await ids()).toEqual(before);
  });

  test("what a person says elsewhere is on the screen within two seconds", async () => {
    const { frame } = await open();
    const [{ id }] = (await reports(CURRENT)) as [Report];
    const say = (answer: string | null): Promise<void> =>
      frame.evaluate(
        async ([report, said]) => {
          const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ answer: said }) };
          await fetch(`api/v1/changes/${report}/answer`, init);
        },
        [id, answer] as const,
      );
    await say("confirmed");
    // Broken once: without what people say in the pulse nothing was told until the next change.
    await frame.getByText(/^✓ Right/).waitFor({ timeout: 2500 });
    await say(null);
    await frame.getByText(/^✓ Right/).waitFor({ state: "detached", timeout: 2500 });
  });

  test("leads to its place on the timeline, which tells of it", async () => {
    const { frame } = await open();
    const right = await frame
      .locator(".change")
      .first()
      .getByRole("button", { name: /^Right/ })
      .getAttribute("aria-label");
    await frame.locator(".change").first().getByRole("link", { name: "On the timeline" }).click();
    await frame.locator(".timeline-chart").waitFor();
    expect(await frame.evaluate(() => location.hash)).toMatch(/^#\/timeline.*at=/);
    await panel.settled();
    await expect.poll(() => frame.locator("main").textContent()).toContain(`Change of habit: ${right!.replace("Right: ", "")}`);
  });
});

describe("a stream", () => {
  test("that is muted tells nothing any more but is watched, and is told of again when that is undone", async () => {
    const { frame } = await open();
    const before = await reports("");
    const [{ stream }] = (await reports(CURRENT)) as [Report];
    const link = frame.locator(`a[href="#/changes/${encodeURIComponent(stream)}"]`).last();
    await frame.getByLabel("Filter").fill(stream);
    const row = frame.locator(".stream", { has: link });
    await row.getByRole("button", { name: /^Mute/ }).click();
    await row.getByText(/^Muted by .+, .+\.$/).waitFor();
    expect((await reports(CURRENT)).filter((each) => each.stream === stream)).toEqual([]);
    await expect.poll(() => frame.locator(`.change a[href="#/changes/${encodeURIComponent(stream)}"]`).count()).toBe(0);
    await panel.open("/now");
    const [{ words }] = before.filter((each) => each.stream === stream) as [Report];
    await frame.getByRole("region", { name: "Changes of habit" }).waitFor();
    expect(await frame.locator("main").textContent()).not.toContain(words);
    await panel.open("/changes");
    await frame.getByLabel("Show").last().selectOption("muted");
    await frame.getByRole("button", { name: /^Tell again/ }).click();
    await frame.getByText("Its changes are told again.").waitFor();
    await undo();
    await frame.getByRole("button", { name: /^Tell again/ }).click();
    await frame.getByText("Nothing that is watched is like that.").waitFor();
    expect(await reports("")).toEqual(before);
  });

  test("says what it had thought, step by step, as the API tells it: by arrow keys and as a table", async () => {
    const { frame, page, faults } = await open();
    const [{ stream }] = (await reports(CURRENT)) as [Report];
    await panel.open(`/changes/${encodeURIComponent(stream)}`);
    const card = frame.getByRole("region", { name: "How long nothing had changed" });
    const slider = card.getByRole("slider");
    await slider.waitFor();
    const map = await api<{ columns: number; rows: number; stepsPerRow: number; stepMs: number; cells: string; likeliest: number[] }>(
      `/streams/run-lengths?days=60&stream=${encodeURIComponent(stream)}`,
    );
    const cells = Buffer.from(map.cells, "base64");
    const reading = (column: number): RegExp => {
      const length = map.likeliest[column]!;
      const shade = cells[column * map.rows + Math.floor(length / map.stepsPerRow)]!;
      const probability = 10 ** (4 * (shade / 255 - 1));
      const hours = (length * map.stepMs) / 3_600_000;
      const span = hours < 48 ? `${hours}\\sh` : `${Math.floor(hours / 24)}\\sd${hours % 24 === 0 ? "" : `\\s${hours % 24}\\sh`}`;
      return new RegExp(`most likely the same for ${span} \\(${probability > 0.99 ? ">99" : Math.round(100 * probability)}%\\)$`);
    };
    expect(await slider.getAttribute("aria-valuetext")).toMatch(reading(map.columns - 1));
    await slider.focus();
    for (let k = 2; k <= 8; k++) {
      await page.keyboard.press("ArrowLeft");
      expect(await slider.getAttribute("aria-valuetext")).toMatch(reading(map.columns - k));
    }
    expect(await card.locator("output").textContent()).toBe(await slider.getAttribute("aria-valuetext"));
    // What is drawn is what is told: where the probability lies the picture is not the card's own color.
    const inked = await card.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 === 3 && value > 200).length / (data.length / 4);
    });
    expect(inked).toBeGreaterThan(0.01);
    await card.getByText("As a table").click();
    expect(await card.locator("tbody tr").count()).toBeGreaterThan(20);
    await shoot(panel, "changes-stream");
    expect(await axeFindings(frame)).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  test.each([
    ["desktop", "dark", "en", undefined],
    ["phone", "light", "de", undefined],
    ["phone", "dark", "de", 320],
  ] as const)("has room and contrast on every device (%s, %s, %s, %s px)", async (device, theme, language, width) => {
    const { frame } = await open({ device, theme, language, ...(width !== undefined && { width }) });
    const [{ stream }] = (await reports(CURRENT)) as [Report];
    await shoot(panel, `changes-list-${device}-${theme}-${width ?? ""}`);
    await panel.open(`/changes/${encodeURIComponent(stream)}`);
    await frame.getByRole("slider").waitFor();
    await shoot(panel, `changes-stream-${device}-${theme}-${width ?? ""}`);
    expect(await sidewaysPixels(frame)).toBe(0);
    expect(await axeFindings(frame)).toEqual([]);
  });

  test("that still learns says how far it is; one that there is not says so; one without a picture says why", async () => {
    const { frame, page } = await open();
    const streams = await api<{ items: { summary: object }[] }>("/streams?limit=1");
    const learning = { ...streams.items[0], changedAtUtc: null, summary: { learned: 0.4, phase: "learning", top_runs: [] } };
    await panel.open("/changes/nobody");
    await frame.getByText("Nothing of the name “nobody” is watched.").waitFor();
    await page.route(/api\/v1\/streams\?/, (route) => route.fulfill({ json: { items: [learning], total: 1, limit: 1, offset: 0 } }));
    await page.route(/api\/v1\/streams\/run-lengths/, (route) =>
      route.fulfill({
        status: 409,
        contentType: "application/problem+json",
        body: JSON.stringify({ code: "busy", title: "Busy", status: 409, detail: "The job train is under way.", requestId: "1" }),
      }),
    );
    await panel.open("/changes/learning");
    await frame.getByText("Learning what is usual: 40% of the first two weeks.").waitFor();
    await frame.getByText("The job train is under way.").waitFor();
    await frame.getByRole("button", { name: "Retry" }).waitFor();
  });
});

test("in German every change is told in German, with its level before and since", async () => {
  const { frame } = await open({ language: "de" });
  await frame.locator(".change").first().waitFor();
  for (const text of await frame.locator(".change .lead").allTextContents()) expect(text).toMatch(/seit dem \d+\. \p{L}+/u);
  expect(await frame.locator('.change [lang="en"]').count()).toBe(0);
  expect(await frame.locator(".change .levels").count()).toBeGreaterThan(0);
  // Broken once: the Now page told the app's own English sentence.
  await panel.open("/now");
  const newest = frame.getByRole("region", { name: "Änderungen der Gewohnheit" }).locator("li p:first-child");
  await newest.first().waitFor();
  for (const text of await newest.allTextContents()) expect(text).toMatch(/seit dem \d+\. \p{L}+/u);
});

test("names of entities are text, whatever they hold", async () => {
  const { frame, page, faults } = await open({ path: "/now" });
  const name = '<img src=x onerror="breaches.push(1)">';
  const { items } = await api<{ items: object[] }>("/streams?limit=1");
  await page.route(/api\/v1\/streams\?/, (route) =>
    route.fulfill({
      json: { items: [{ ...items[0], stream: "light.hostile:on_fraction:60m", entityName: name }], total: 1, limit: 1, offset: 0 },
    }),
  );
  await panel.open("/changes");
  await frame.locator(".stream-name", { hasText: name }).waitFor();
  expect(await faults()).toEqual([]);
});

test("who may only look is told so, and nothing is written", async () => {
  const { frame, written } = await asReader(await open());
  await frame
    .getByRole("button", { name: /^Right/ })
    .first()
    .click();
  await frame.getByText("You may look, but not say anything: ask who runs this app.").waitFor();
  await frame.getByRole("button", { name: /^Mute/ }).first().click();
  expect(written).toEqual([]);
});
