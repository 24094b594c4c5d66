import { readDefinition } from "../core/features/definition.ts";
import { type DayMarks, markDays } from "../core/models/clr/day-marks.ts";
import type { TrainingRows } from "../core/models/clr/training-rows.ts";
import { type DayRules, windowDays } from "../core/pairs/days.ts";
import type { Db } from "../store/db.ts";
import type { FeatureSet } from "../store/tables/features.ts";
import { readPairedWindows, readTrainingRows, type TrainingRow } from "../store/tables/labels.ts";
import { createRowReader } from "./stored-rows.ts";

/** The pairs of a target as the trainer wants them, with the stored rows they came from. */
export interface TrainingTable {
  readonly training: TrainingRows;
  readonly stored: readonly TrainingRow[];
  /** All pairs, also those whose features were not read. */
  readonly pairs: { readonly rows: number; readonly positives: number };
  /** The days of which there are pairs. */
  readonly days: ReadonlySet<number>;
  /** What is said of each day. */
  readonly said: DayMarks;
}

/** Cells that a training holds, 100 MB: 300 features of 41,000 windows, 100 of 125,000. The fit holds a second copy. */
const MOST_CELLS = 12_500_000;
/** Where a window of long ago would stand for more than so many, a day at five minutes, those days are left out. */
const MOST_WEIGHT = 288;
/** Of these last days every window is read: figures and nights are told of them. */
const WHOLE_DAYS = 28;

/**
 * Column-major, in the order of the feature set; exactly the numbers that are stored. Where that would be more than a small computer can
 * hold, of the windows before the last four weeks one in so many is read, and stands for its neighbours by its weight.
 */
export function readTrainingTable(
  db: Db,
  targetId: number,
  set: FeatureSet,
  gridMs: number,
  rules: DayRules,
  mostCells = MOST_CELLS,
): TrainingTable {
  const paired = readPairedWindows(db, targetId);
  const days = windowDays(
    paired.map(({ windowNo }) => windowNo),
    gridMs,
    rules,
  );
  const weights = weightsOf(days, Math.floor(mostCells / Math.max(1, set.members.length)));
  const rows = weights.reduce((count, weight) => count + Number(weight > 0), 0);
  const cols = set.members.length;
  const columns = new Float64Array(rows * cols);
  const reader = createRowReader(db, set);
  const stored: TrainingRow[] = [];
  const dayIndex = new Int32Array(rows);
  const kept = new Float64Array(rows);
  let at = 0;
  let i = 0;
  for (const { valuesJson, ...row } of readTrainingRows(db, targetId)) {
    const position = at++;
    if (weights[position] === 0) continue;
    // The text is let go at once: of three years it would be half a gigabyte.
    const values = reader.read(row.setId, valuesJson);
    for (let j = 0; j < cols; j += 1) columns[j * rows + i] = values[j]!;
    stored.push(row);
    dayIndex[i] = days[position]!;
    kept[i] = weights[position]!;
    i += 1;
  }
  const ends = Float64Array.from(paired, ({ windowNo }) => windowNo * gridMs);
  const labels = Uint8Array.from(paired, ({ target }) => target);
  return {
    stored,
    pairs: { rows: paired.length, positives: labels.reduce((sum, label) => sum + label, 0) },
    days: new Set(days),
    said: markDays(days, ends, labels),
    training: {
      design: { columns, rows, cols },
      features: set.members.map((member) => ({ name: member.name, group: readDefinition(member.name, member.definition).group })),
      labels: Uint8Array.from(stored, (row) => row.target),
      ...(rows < paired.length && { weights: kept }),
      dayIndex,
      windowEndMs: Float64Array.from(stored, (row) => row.windowNo * gridMs),
    },
  };
}

/** 1 for windows of the last days, one in so many of those before for as many, 0 for the rest, so that about `most` are left. */
export function weightsOf(days: Int32Array, most: number): Uint32Array {
  const weights = new Uint32Array(days.length).fill(1);
  if (days.length <= most) return weights;
  const wholeFrom = days.at(-1)! - WHOLE_DAYS + 1;
  const before = days.findIndex((day) => day >= wholeFrom);
  const room = most - (days.length - before);
  // A single window that stood for all the past would weigh more than anything that is known.
  if (room < before / MOST_WEIGHT) return weights.fill(0, 0, before);
  const stride = Math.ceil(before / room);
  for (let position = 0; position < before; position++) weights[position] = position % stride === 0 ? stride : 0;
  return weights;
}

/**
 * False where a row's time of day is no finite number: a sensor's value can be left out, the time of day is what every model stands on and is
 * measured against. A missing value is no such number; a row that holds one is damaged.
 */
export function hasFiniteClock({ design: { columns, rows }, features }: TrainingRows): boolean {
  return features.every(({ group }, j) => {
    if (group !== "clock") return true;
    const cells = columns.subarray(j * rows, (j + 1) * rows);
    return !cells.includes(Number.POSITIVE_INFINITY) && !cells.includes(Number.NEGATIVE_INFINITY);
  });
}
