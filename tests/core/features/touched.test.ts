import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "../../../src/core/features/effect.ts";
import { touchedWindows } from "../../../src/core/features/touched.ts";
import {
  arbitraryScene,
  BED,
  BOILER,
  compute,
  count,
  DAY,
  DOOR,
  EVERY_KIND,
  GRID,
  HOUR,
  LUX,
  left,
  level,
  MINUTE,
  MOTION,
  now,
  onFraction,
  type Row,
  row,
  type Scene,
  START,
  since,
  timelinesOf,
} from "./home.ts";

/** Rows as the store notes them: those of one entity that follow within a grid step are one change. */
function changesOf(rows: readonly Row[]): Change[] {
  const changes: { entityId: string; what: "rows"; fromUs: number; toUs: number }[] = [];
  for (const each of [...rows].sort((a, b) => a.atUs - b.atUs)) {
    const last = changes.findLast(({ entityId }) => entityId === each.entityId);
    if (last !== undefined && each.atUs - last.toUs <= GRID * 1000) last.toUs = each.atUs;
    else changes.push({ entityId: each.entityId, what: "rows", fromUs: each.atUs, toUs: each.atUs });
  }
  return changes;
}

function marksOf(
  scene: Omit<Scene, "focusNo">,
  definitions: Parameters<typeof compute>[1],
  changes: readonly Change[],
  fromNo: number,
  toNo: number,
) {
  const { rows, gaps, knownFromMs } = scene;
  return touchedWindows({ definitions, timelines: timelinesOf(rows), gaps, knownFromMs, changes, fromNo, toNo, gridMs: GRID });
}

/** Windows of which any value or coverage has other bits. */
function differing(before: ReturnType<typeof compute>, after: ReturnType<typeof compute>): number[] {
  const differs = (w: number): boolean =>
    before.values.some((column, i) => !Object.is(column[w], after.values[i]![w]) || before.coverage[i]![w] !== after.coverage[i]![w]);
  return [...before.availableAtMs.keys()].filter(differs);
}

test("a window that rows or gaps added later do not touch has the same bits with and without them", () => {
  fc.assert(
    fc.property(
      arbitraryScene,
      fc.array(fc.nat(200), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: -600, max: 200 }),
      (scene, late, gapMask, offset) => {
        const isLate = (i: number): boolean => late.includes(i);
        const added = scene.rows.filter((_, i) => isLate(i));
        const gaps = scene.gaps.filter((_, i) => (gapMask & (1 << i)) !== 0);
        const before = { ...scene, gaps, rows: scene.rows.filter((_, i) => !isLate(i)) };
        const changes = [
          ...changesOf(added),
          ...scene.gaps
            .filter((gap) => !gaps.includes(gap))
            .map((gap): Change => ({ entityId: gap.entityId, what: "hearing", fromUs: gap.fromMs * 1000, toUs: gap.toMs * 1000 })),
        ];
        const fromNo = scene.focusNo + offset;
        const toNo = fromNo + 700;
        const marks = marksOf(scene, EVERY_KIND, changes, fromNo, toNo);
        const changed = differing(compute(before, EVERY_KIND, fromNo, toNo), compute(scene, EVERY_KIND, fromNo, toNo));
        expect(changed.filter((w) => marks[w] === 0)).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test("when the past begins earlier, only windows that look back to where it began are touched", () => {
  fc.assert(
    fc.property(arbitraryScene, fc.integer({ min: 1, max: 600 }), (scene, steps) => {
      const later = scene.knownFromMs + steps * GRID;
      const change: Change = { entityId: null, what: "hearing", fromUs: scene.knownFromMs * 1000, toUs: later * 1000 };
      const fromNo = Math.floor(later / GRID) - 100;
      const marks = marksOf(scene, EVERY_KIND, [change], fromNo, fromNo + 800);
      const before = compute({ ...scene, knownFromMs: later }, EVERY_KIND, fromNo, fromNo + 800);
      const changed = differing(before, compute(scene, EVERY_KIND, fromNo, fromNo + 800));
      expect(changed.filter((w) => marks[w] === 0)).toEqual([]);
      expect(marks.lastIndexOf(1)).toBeLessThanOrEqual(100 + 576);
    }),
    { numRuns: 30 },
  );
});

const NO = START / GRID;
const rowsOf = (entityId: string, ...states: [number, string][]): Row[] =>
  states.map(([atMs, state]) => row(entityId, START + atMs, state));
/** How many windows an added row touches, and between which. */
function touchedBy(rows: readonly Row[], added: Row, definitions: Parameters<typeof compute>[1]): [number, number, number] {
  const scene = { rows: [...rows, added], gaps: [], knownFromMs: START - 30 * DAY };
  const marks = marksOf(scene, definitions, changesOf([added]), NO - 10, NO + 3000);
  const found = [...marks.keys()].filter((w) => marks[w] === 1).map((w) => w - 10);
  return [found.length, found[0] ?? Number.NaN, found.at(-1) ?? Number.NaN];
}

test.each([
  [
    "a level until the next row and its horizon",
    [level("mean", 30)],
    rowsOf(LUX, [-HOUR, "1"], [20 * MINUTE, "3"]),
    row(LUX, START, "2"),
    [9, 1, 9],
  ],
  [
    "a count at the row and at the next one",
    [count(30, [BED])],
    rowsOf(BED, [-HOUR, "off"], [5 * HOUR, "off"]),
    row(BED, START, "on"),
    [12, 1, 66],
  ],
  ["the last state until the next row", [now(BED)], rowsOf(BED, [-HOUR, "off"], [20 * MINUTE, "off"]), row(BED, START, "on"), [4, 1, 4]],
  [
    "nothing when the row repeats the state",
    [now(BED), onFraction(30, BED)],
    rowsOf(BED, [-HOUR, "off"], [HOUR, "on"]),
    row(BED, START, "off"),
    [0, Number.NaN, Number.NaN],
  ],
  [
    "nothing when nothing reads the entity",
    [now(BED)],
    rowsOf(BED, [-HOUR, "off"]),
    row(BOILER, START, "heat"),
    [0, Number.NaN, Number.NaN],
  ],
  [
    "nothing when the state is on its way",
    [now(BED)],
    rowsOf(BED, [-HOUR, "off"]),
    row(BED, START, "opening"),
    [0, Number.NaN, Number.NaN],
  ],
  [
    "a silence until the next activity of any member",
    [since("activity", [BED, MOTION])],
    [...rowsOf(BED, [-HOUR, "off"], [3 * HOUR, "off"]), ...rowsOf(MOTION, [-HOUR, "off"], [32 * MINUTE, "on"], [3 * HOUR + 1, "off"])],
    row(BED, START, "on"),
    [6, 1, 6],
  ],
  [
    "who left until the door or anything else moves",
    [left([DOOR], [MOTION])],
    rowsOf(DOOR, [-HOUR, "off"], [10 * MINUTE, "off"], [30 * MINUTE, "on"]),
    row(DOOR, START, "on"),
    [6, 1, 6],
  ],
] as const)("a late row touches %s", (_, definitions, rows, added, wanted) => {
  expect(touchedBy(rows, added, definitions)).toEqual(wanted);
});

test("two late rows of one sensor, each older than a week holds, touch all that became known between them", () => {
  const old = rowsOf(BED, [0, "on"]);
  const late = rowsOf(BED, [6 * DAY, "on"], [12 * DAY, "on"]);
  const scene = { rows: [...old, ...late], gaps: [], knownFromMs: START - 30 * DAY };
  const definitions = [count(30, [BED]), onFraction(30, BED)];
  const [fromNo, toNo] = [NO + 6 * 288, NO + 20 * 288];
  const marks = marksOf(scene, definitions, changesOf(late), fromNo, toNo);
  const changed = differing(compute({ ...scene, rows: old }, definitions, fromNo, toNo), compute(scene, definitions, fromNo, toNo));
  expect(changed.length).toBeGreaterThan(10 * 288);
  expect(changed.filter((w) => marks[w] === 0)).toEqual([]);
});

test("a row late by minutes in a busy home touches few windows of all kinds", () => {
  const busy = Array.from({ length: 400 }, (_, i) => row(MOTION, START - 10 * HOUR + i * 3 * MINUTE, i % 2 === 0 ? "on" : "off"));
  const doors = rowsOf(DOOR, [-HOUR, "off"], [-50 * MINUTE, "on"], [30 * MINUTE, "off"]);
  const bed = rowsOf(BED, [-9 * HOUR, "off"], [40 * MINUTE, "on"], [50 * MINUTE, "off"]);
  const definitions = EVERY_KIND.filter(({ entities }) => entities.includes(MOTION));
  const [count] = touchedBy([...busy, ...doors, ...bed], row(MOTION, START + 30_000, "off"), definitions);
  expect(count).toBeGreaterThan(20);
  expect(count).toBeLessThanOrEqual(26);
});
