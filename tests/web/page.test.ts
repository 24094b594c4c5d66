import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { markDegraded, setHealth, setMetadata } from "../../src/store/tables/metadata.ts";
import { type ChangeOverview, readHealthReport, readOverview } from "../../src/store/tables/overview.ts";
import type { OverviewBody } from "../../src/web/api/routes.ts";
import {
  addLabel,
  addPrediction,
  addTarget,
  createHomeFile,
  HOSTILE,
  type HomeFile,
  LAST_WINDOW,
  NOW_MS,
  noteGates,
  seedHome,
} from "./home-file.ts";

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly Tree[];
}
type Tree = string | Element;
interface View {
  readonly status: { readonly look: string; readonly words: string; readonly beside: string };
  readonly alerts: readonly Tree[];
  readonly main: readonly Tree[];
  readonly zone: string;
}
interface Times {
  stamp(atMs: number): string;
  range(fromMs: number, toMs: number): string;
  until(atMs: number): string;
  ago(atMs: number): string;
}

const page = (name: string): Promise<unknown> => import(new URL(`../../src/web/page/${name}`, import.meta.url).href);
const { view } = (await page("view.js")) as { view: (overview: OverviewBody, width: number) => View };
const { createTimes } = (await page("times.js")) as { createTimes: (timeZone: string, nowMs: number) => Times };
const words = (await page("words.js")) as {
  percent: (probability: number) => string;
  changeInWords: (change: Partial<ChangeOverview>, times: Times) => string;
};

let home: HomeFile;
beforeEach(() => {
  home = createHomeFile();
});
afterEach(() => home.remove());

function show(nowMs = NOW_MS): View {
  const overview = readOverview(home.db, { sinceMs: nowMs - DAY_MS, nowMs });
  return view({ ...overview, health: readHealthReport(home.db), nextRuns: [] }, 800);
}

function elements(trees: readonly Tree[]): Element[] {
  return trees.flatMap((tree) => (typeof tree === "string" ? [] : [tree, ...elements(tree.children)]));
}

function textOf(tree: Tree): string {
  return typeof tree === "string" ? tree.replaceAll(/[\u00a0\u202f]/g, " ") : tree.children.map(textOf).join("");
}

const texts = (trees: readonly Tree[]): string => trees.map(textOf).join("\n");
const withClass = (trees: readonly Tree[], name: string): Element[] =>
  elements(trees).filter((each) =>
    String(each.attributes["class"] ?? "")
      .split(" ")
      .includes(name),
  );

describe("the page", () => {
  test("a file that holds nothing leaves no card, list, or table without words", () => {
    for (const prepare of [() => undefined, () => addTarget(home.db)]) {
      prepare();
      const { main } = show();
      for (const section of elements(main).filter((each) => each.tag === "section")) {
        expect(textOf({ ...section, children: section.children.slice(1) }).trim()).not.toBe("");
      }
      for (const each of elements(main)) {
        if (["ul", "table", "tbody", "dd", "p", "figcaption", "text"].includes(each.tag)) expect(textOf(each).trim()).not.toBe("");
      }
    }
  });

  test("a seeded home says in words what there is", () => {
    seedHome(home.db);
    const { status, main, zone } = show();
    const said = texts(main);
    expect(status).toEqual({ look: "ok", words: "Working", beside: "last event 4\u00a0s ago" });
    for (const sentence of [
      "141 today · 400 in total",
      "Connected since 19 Nov 12:02",
      "1 in use. Newest: 20 Nov 23:10 → 21 Nov 07:15 (8 h 5 min).",
      "Labels for 5 more days",
      "labeled days 9 · episodes 8 · positive rows 812 · negative rows 1 720",
      "Hallway activity went from 3.1 to 5.8 an hour since 3 Nov",
      "Kitchen brightness average went from 212 to 1 250 lx since 12 Oct",
      "failed 03:30: the disk is full",
      "All entities: 20 Nov 08:02 → 08:32 (30 min)",
      "breaks: no answer (low coverage)",
    ]) {
      expect(said).toContain(sentence);
    }
    expect(zone).toContain("Europe/Amsterdam");
  });

  test("a hostile name is text and nothing else", () => {
    seedHome(home.db);
    markDegraded(home.db, { code: "x", cause: HOSTILE, effect: HOSTILE, remedy: HOSTILE, sinceMs: NOW_MS });
    const { main, alerts } = show();
    expect(texts(main)).toContain(HOSTILE);
    expect(texts(alerts)).toContain(HOSTILE);
    const all = elements([...main, ...alerts]);
    expect(all.some((each) => each.tag === "img")).toBe(false);
    expect(all.flatMap((each) => Object.keys(each.attributes)).filter((name) => name.startsWith("on"))).toEqual([]);
  });

  test("every problem shows its remedy, and the status counts them", () => {
    setMetadata(home.db, { heartbeat_at: new Date(NOW_MS).toISOString(), lifecycle: "running" });
    markDegraded(home.db, { code: "a", cause: "The disk is full.", effect: "Nothing is stored.", remedy: "Free 2 GB.", sinceMs: NOW_MS });
    const { status, alerts } = show();
    expect(status).toMatchObject({ look: "degraded", words: "Working, with 1 problem" });
    expect(texts(alerts)).toContain("Free 2 GB.");
  });

  test("a prediction without a probability shows its reason and no number", () => {
    const targetId = addTarget(home.db);
    addPrediction(home.db, targetId, LAST_WINDOW, null);
    const { main } = show();
    expect(withClass(main, "big").map(textOf)).toEqual(["–"]);
    expect(texts(main)).toContain("No answer now: low coverage.");
  });

  test("the curve breaks where there is no answer, and its text says what it draws", () => {
    seedHome(home.db);
    const { main } = show();
    const path = String(withClass(main, "probability")[0]?.attributes["d"]);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/[ML]/g)).toHaveLength(288 - 11);
    const svg = elements(main).find((each) => each.tag === "svg");
    expect(svg?.attributes["aria-label"]).toBe(
      "Probability of sleep from 20 Nov 14:02 to 14:02: between <1% and >99%, newest <1%; 1 label.",
    );
  });

  test("a label that began before the range is drawn from the range's left edge", () => {
    const targetId = addTarget(home.db);
    addLabel(home.db, targetId, { startMs: NOW_MS - 30 * HOUR_MS, endMs: NOW_MS - 12 * HOUR_MS });
    const shade = withClass(show().main, "shade")[0];
    expect(shade?.attributes).toMatchObject({ x: 44, width: (800 - 44 - 10) / 2 });
  });

  test("on the night the clock goes back, midnight and three o'clock lie four hours apart", () => {
    addTarget(home.db);
    const ticks = withClass(show(Date.parse("2026-10-25T11:00:00Z")).main, "axis");
    const at = (text: string): number => Number(ticks.find((each) => textOf(each) === text)?.attributes["x"]);
    expect((at("03:00") - at("25 Oct")) / (at("06:00") - at("03:00"))).toBeCloseTo(4 / 3, 1);
  });

  test("readiness that cannot be read is said, and once nothing is missing that is said too", () => {
    addTarget(home.db);
    setHealth(home.db, { readiness: '{"sleep": 7}' });
    expect(texts(show().main)).toContain("in a form that this version cannot read");
    noteGates(home.db, "eligible", []);
    expect(texts(show().main)).toContain("Nothing: this is the last stage.");
  });
});

describe("words", () => {
  const times = createTimes("Europe/Amsterdam", NOW_MS);

  test("a probability is never said to be 0 or 100 percent", () => {
    expect([0, 0.004, 0.01, 0.5, 0.99, 0.995, 1].map(words.percent)).toEqual(["<1%", "<1%", "1%", "50%", "99%", ">99%", ">99%"]);
  });

  test("an instant of today is a clock, of this year a day with a clock, of another year has the year", () => {
    const at = ["2026-11-21T06:05:00Z", "2026-11-20T22:59:00Z", "2025-12-31T23:30:00Z", "2025-07-01T10:00:00Z"].map((each) =>
      times.stamp(Date.parse(each)),
    );
    expect(at).toEqual(["07:05", "20 Nov 23:59", "1 Jan 00:30", "1 Jul 2025 12:00"]);
  });

  test("a night in which the clock jumps is as long as it was", () => {
    const night = times.range(Date.parse("2026-10-24T21:00:00Z"), Date.parse("2026-10-25T06:00:00Z"));
    expect(night.replaceAll("\u00a0", " ")).toBe("24 Oct 23:00 → 25 Oct 07:00 (9 h)");
  });

  test("a zone that the browser does not know falls back to UTC", () => {
    expect(createTimes("Mars/Olympus", NOW_MS).stamp(Date.parse("2026-11-21T06:05:00Z"))).toBe("06:05");
  });

  test.each([
    [
      { streamName: "home:activity:60m", model: "poisson", beforeMean: 12, afterMean: 0.5 },
      "Home activity went from 12 to 0.5 an hour since 3 Nov",
    ],
    [
      { streamName: "binary_sensor.bed:on_fraction:60m", beforeMean: 0.31, afterMean: 0.402 },
      "binary_sensor.bed time on went from 31 to 40.2% since 3 Nov",
    ],
    [{ streamName: "area.living_room:silent_hours", beforeMean: 2, afterMean: 3 }, "Living room silent hours went from 2 to 3 since 3 Nov"],
    [{ streamName: "odd", beforeMean: null, afterMean: 3 }, "Odd changed on 3 Nov"],
  ])("the change %j reads %s", (change, sentence) => {
    const facts = { entityName: null, unit: null, model: null, changeAtUtc: "2026-11-03T05:00:00Z", ...change };
    expect(words.changeInWords(facts, times)).toBe(sentence);
  });
});
