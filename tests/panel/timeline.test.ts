import { afterEach, describe, expect, test } from "vitest";
import { openPanel, type Panel, shoot, type Wishes } from "./panel.ts";

/** The Timeline as a person uses it; each test leaves the home as it was. */

let panel: Panel;
const open = async (wishes: Wishes = {}): Promise<Panel> => {
  panel = await openPanel({ path: "/timeline", ...wishes });
  return panel;
};
afterEach(() => panel.close());

interface Label {
  readonly id: number;
  readonly startUtc: string;
  readonly endUtc: string;
  readonly localDate: string;
}

const labels = (): Promise<Label[]> =>
  panel.frame.evaluate(async () => {
    const answer = await fetch("api/v1/labels?target=sleep&kind=positive&status=active&limit=1000");
    return ((await answer.json()) as { items: Label[] }).items;
  });
const spans = async (): Promise<string[]> => (await labels()).map(({ startUtc, endUtc }) => `${startUtc} ${endUtc}`).sort();

/** Opens the third newest label on the timeline, selected. */
async function select(): Promise<Label> {
  const label = (await labels())[2]!;
  await panel.open(`#/timeline/${label.localDate}?target=sleep&label=${label.id}`);
  await panel.frame.getByRole("slider", { name: "End of the label" }).waitFor();
  return label;
}
const undo = async (): Promise<void> => {
  await panel.frame.getByRole("button", { name: "Undo" }).click();
  await panel.frame.getByText("Undone").waitFor();
};
const centre = async (place: ReturnType<Panel["frame"]["locator"]>): Promise<{ x: number; y: number }> => {
  const box = (await place.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};

describe("a label's ends", () => {
  test("move by keys, five minutes, an hour and one minute, and Enter saves; the undo brings the old label back", async () => {
    const { frame, page, faults } = await open();
    const before = await spans();
    const label = await select();
    const end = frame.getByRole("slider", { name: "End of the label" });
    await end.focus();
    const minutes = async (): Promise<number> => Number(await end.getAttribute("aria-valuenow"));
    const first = await minutes();
    await page.keyboard.press("ArrowLeft");
    expect(await minutes()).toBe(first - 5);
    await page.keyboard.press("Shift+ArrowLeft");
    expect(await minutes()).toBe(first - 65);
    await page.keyboard.press(".");
    expect(await minutes()).toBe(first - 64);
    expect(await frame.getByLabel("End", { exact: true }).inputValue()).toMatch(/T/);
    await page.keyboard.press("Enter");
    await frame.getByText("The label was corrected.").waitFor();
    const wanted = new Date(Date.parse(label.endUtc) - 64 * 60_000).toISOString();
    expect(await spans()).toContain(`${label.startUtc} ${wanted}`);
    await undo();
    expect(await spans()).toEqual(before);
    expect(await faults()).toEqual([]);
  });

  test("are dragged by the mouse; the fields say the same; Escape leaves it as it was", async () => {
    const { frame, page } = await open();
    const before = await spans();
    await select();
    await shoot(panel, "timeline-selected");
    const start = frame.getByRole("slider", { name: "Start of the label" });
    const field = frame.getByLabel("Start", { exact: true });
    const was = await field.inputValue();
    const from = await centre(start);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x - 40, from.y, { steps: 4 });
    await page.mouse.move(from.x - 90, from.y, { steps: 4 });
    await page.mouse.up();
    const moved = await field.inputValue();
    expect(Date.parse(moved)).toBeLessThan(Date.parse(was));
    await page.keyboard.press("Escape");
    await start.waitFor({ state: "detached" });
    expect(await spans()).toEqual(before);
  });

  test("are drawn by dragging over free ground of the label lane, saved and deleted again", async () => {
    const { frame, page } = await open();
    const before = await spans();
    const { localDate } = (await labels())[1]!;
    await panel.open(`#/timeline/${localDate}?target=sleep`);
    await frame.locator('.timeline-chart[aria-busy="false"]').waitFor();
    const plot = (await frame.locator(".plot").boundingBox())!;
    const row = (await frame.locator(".row-name", { hasText: "Labels" }).boundingBox())!;
    const y = row.y + row.height / 2;
    // The first afternoon hours of a night from noon to noon.
    await page.mouse.move(plot.x + plot.width * 0.06, y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.1, y, { steps: 4 });
    await page.mouse.move(plot.x + plot.width * 0.15, y, { steps: 4 });
    await page.mouse.up();
    await frame.getByRole("heading", { name: "New label" }).waitFor();
    await frame.getByRole("button", { name: "Save" }).click();
    await frame.getByText("The label was added.").waitFor();
    expect(await spans()).toHaveLength(before.length + 1);
    await undo();
    expect(await spans()).toEqual(before);
  });

  test("a long press of a finger draws, a tap asks why", async () => {
    const { frame, page } = await open({ device: "phone" });
    await frame.locator('.timeline-chart[aria-busy="false"]').waitFor();
    const plot = (await frame.locator(".plot").boundingBox())!;
    const devtools = await page.context().newCDPSession(page);
    const touch = (type: string, x: number): Promise<unknown> =>
      devtools.send("Input.dispatchTouchEvent", {
        type: type as "touchStart",
        touchPoints: type === "touchEnd" ? [] : [{ x, y: plot.y + 60 }],
      });
    await touch("touchStart", plot.x + 80);
    await touch("touchEnd", 0);
    await frame.waitForFunction(() => location.hash.includes("at="));
    expect(await frame.getByRole("heading", { name: "New label" }).count()).toBe(0);
    await touch("touchStart", plot.x + 80);
    await frame.getByRole("heading", { name: "New label" }).waitFor();
    await touch("touchMove", plot.x + 160);
    await touch("touchEnd", 0);
    expect(await frame.getByRole("slider", { name: "End of the label" }).count()).toBe(1);
    await shoot(panel, "timeline-phone-drawing");
  });
});

describe("any instant", () => {
  test("says what was thought then, what moved it with the values then, and is in the address", async () => {
    const { frame, page } = await open();
    await frame.locator('.timeline-chart[aria-busy="false"]').waitFor();
    const plot = (await frame.locator(".plot").boundingBox())!;
    await page.mouse.click(plot.x + plot.width * 0.9, plot.y + 60);
    await frame.waitForFunction(() => location.hash.includes("at="));
    await panel.settled();
    const why = frame.locator(".why");
    expect(await why.getByRole("heading").first().textContent()).toMatch(/^Why at .*\d\d:\d\d$/);
    expect(await why.locator(".why-said").textContent()).toMatch(/%.*said by Model \d/);
    const cells = await why.locator("tbody tr").first().locator("td").allTextContents();
    expect(cells[1]).toMatch(/\d/);
    expect(cells[2]).toMatch(/^odds ×/);
    // The same address opens the same instant; arrow keys move it by a window.
    const title = (await why.getByRole("heading").first().textContent())!;
    const hash = await frame.evaluate(() => location.hash);
    await panel.open("#/now");
    await panel.open(hash);
    await frame.locator(".why").getByRole("heading", { name: title }).waitFor();
    await frame.getByRole("slider", { name: "Instant looked at" }).focus();
    await page.keyboard.press("ArrowRight");
    await frame.locator(".why").getByRole("heading", { name: title }).waitFor({ state: "detached" });
  });
});

describe("the range", () => {
  test("is the home's, not the browser's, in any of its zones, and printed to the minute", async () => {
    for (const browserZone of ["Asia/Kathmandu", "America/Los_Angeles"]) {
      const { frame, close } = await open({ browserZone, path: "/timeline/2026-10-25" });
      expect(await frame.locator(".range-text").textContent()).toMatch(/^Oct 24, 12:00.* → Oct 25, 12:00.* \(25.h\)$/);
      await close();
    }
    await open();
  });

  test("goes by keys and buttons from night to week, month and year, each in the address", async () => {
    const { frame, page, faults } = await open();
    for (const span of ["Day", "Week", "Month", "Year", "Night"]) {
      await frame.getByRole("button", { name: span, exact: true }).click();
      await frame.locator(`button[aria-pressed="true"]:text-is("${span}")`).waitFor();
      await panel.settled();
      await frame.waitForFunction(() => {
        const last = (name: string): number => performance.getEntriesByName(name).at(-1)?.startTime ?? -1;
        return last("timeline drawn") >= last("timeline data");
      });
      if (span === "Week" || span === "Year") await shoot(panel, `timeline-${span.toLowerCase()}`);
    }
    const text = frame.locator(".range-text");
    const night = (await text.textContent())!;
    await page.keyboard.press("+");
    await frame.locator(".range-text", { hasText: /12.h/ }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("0");
    await frame.locator(".range-text", { hasText: night }).waitFor();
    expect(await frame.evaluate(() => location.hash)).toMatch(/^#\/timeline\/\d{4}-\d{2}-\d{2}/);
    expect(await faults()).toEqual([]);
  });

  test("names of entities that are markup are text, chosen entities are lanes", async () => {
    const { frame } = await open();
    await frame.getByRole("button", { name: "Choose entities" }).click();
    const boxes = frame.locator(".lane-list input");
    await boxes.first().waitFor();
    const before = await frame.locator(".lane-list input:checked").count();
    await frame.locator(".lane-list input:not(:checked)").first().check();
    expect(await frame.locator(".lane-list input:checked").count()).toBe(before + 1);
    await frame.getByRole("button", { name: "The usual ones" }).click();
    await frame.getByRole("button", { name: "Done" }).click();
    await frame.locator(".lane-list").waitFor({ state: "detached" });
  });

  test("the table says the same as the picture", async () => {
    const { frame } = await open();
    const { localDate } = (await labels())[2]!;
    await panel.open(`#/timeline/${localDate}?target=sleep`);
    await frame.getByText("Show as a table").click();
    await frame.locator(".range-table tbody tr", { hasText: "It was so" }).first().waitFor();
  });
});
