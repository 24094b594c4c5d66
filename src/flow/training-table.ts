import { readDefinition } from "../core/features/definition.ts";
import type { TrainingRows } from "../core/models/clr/training-rows.ts";
import { type DayRules, windowDays } from "../core/pairs/days.ts";
import type { Db } from "../store/db.ts";
import type { FeatureSet } from "../store/tables/features.ts";
import { readTrainingRows, type TrainingRow } from "../store/tables/labels.ts";
import { createRowReader } from "./stored-rows.ts";

/** The pairs of a target as the trainer wants them, with the stored rows they came from. */
export interface TrainingTable {
  readonly training: TrainingRows;
  readonly stored: readonly TrainingRow[];
}

/** Column-major, in the order of the feature set; exactly the numbers that are stored. */
export function readTrainingTable(db: Db, targetId: number, set: FeatureSet, gridMs: number, rules: DayRules): TrainingTable {
  const stored = readTrainingRows(db, targetId);
  const rows = stored.length;
  const cols = set.members.length;
  const columns = new Float64Array(rows * cols);
  const reader = createRowReader(db, set);
  stored.forEach((row, i) => {
    const values = reader.read(row.setId, row.valuesJson);
    for (let j = 0; j < cols; j += 1) columns[j * rows + i] = values[j]!;
  });
  const windowNos = stored.map((row) => row.windowNo);
  return {
    stored,
    training: {
      design: { columns, rows, cols },
      features: set.members.map((member) => ({ name: member.name, group: readDefinition(member.name, member.definition).group })),
      labels: Uint8Array.from(stored, (row) => row.target),
      dayIndex: windowDays(windowNos, gridMs, rules),
      windowEndMs: Float64Array.from(windowNos, (windowNo) => windowNo * gridMs),
    },
  };
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
