import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsSchema } from "../src/config/options.ts";
import { lookBackMs, readDefinition } from "../src/core/features/definition.ts";
import type { TrainingRows } from "../src/core/models/clr/training-rows.ts";
import { createZone } from "../src/core/time.ts";
import { pairLabels } from "../src/flow/pairs.ts";
import { createRowReader } from "../src/flow/stored-rows.ts";
import { readTrainingTable } from "../src/flow/training-table.ts";
import { createJumpingClock } from "../src/runtime/clock.ts";
import type { RecordedHome } from "../src/runtime/replay/recorded-home.ts";
import { replay } from "../src/runtime/replay/replay.ts";
import { GRID_MS, stageOptions } from "../src/runtime/stage-options.ts";
import { openForReading, openForWriting } from "../src/store/db.ts";
import { inlineWriter } from "../src/store/inline-writer.ts";
import { activeFeatureSet, readFeatureRows } from "../src/store/tables/features.ts";
import { readTargets } from "../src/store/tables/labels.ts";

/** What one daily training of a recorded home knew, and the windows up to the next one. */
export interface Morning {
  readonly training: TrainingRows;
  readonly next: TrainingRows;
}

export interface WalkedHome {
  readonly horizonMs: number;
  readonly mornings: readonly Morning[];
}

const TRAINING_DELAY_MS = 600_000;

/** Lives a recorded home through the real stages, and pairs anew at each hour of training; nothing is trained. */
export async function walkHome(home: RecordedHome): Promise<WalkedHome> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-walk-"));
  try {
    const dbPath = join(folder, "home.db");
    const live = { ...stageOptions(optionsSchema.parse({}), home.timeZone), anchorHour: home.anchorHour };
    const skip = ["changes", "maintenance", "train", "drift"];
    const summary = await replay(home, { ...live, dbPath, exclude: [], skip, systemNowMs: Date.now() });
    if (summary.failures.length > 0) throw new Error(`${home.name}: ${summary.failures[0]}`);
    return await readMornings(home, dbPath, live, Date.parse(summary.fromUtc), Date.parse(summary.toUtc));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readMornings(
  home: RecordedHome,
  dbPath: string,
  options: ReturnType<typeof stageOptions>,
  fromMs: number,
  toMs: number,
): Promise<WalkedHome> {
  const db = openForWriting(dbPath);
  const reader = openForReading(dbPath);
  try {
    const zone = createZone(home.timeZone);
    const set = activeFeatureSet(reader)!;
    const { targetId } = readTargets(reader)[0]!;
    const definitions = set.members.map((member) => readDefinition(member.name, member.definition));
    const rows = createRowReader(reader, set);
    const read = (from: number, until: number): TrainingRows => {
      const stored = readFeatureRows(reader, Math.floor(from / GRID_MS) + 1, Math.floor(until / GRID_MS)).flatMap((row) => {
        const target = targetOf(home, row.windowNo);
        return target === null ? [] : [{ no: row.windowNo, target, values: rows.read(row.setId, row.valuesJson) }];
      });
      const columns = new Float64Array(stored.length * set.members.length);
      stored.forEach(({ values }, i) => {
        for (let j = 0; j < values.length; j++) columns[j * stored.length + i] = values[j]!;
      });
      return {
        design: { columns, rows: stored.length, cols: set.members.length },
        features: set.members.map(({ name }, k) => ({ name, group: definitions[k]!.group })),
        labels: Uint8Array.from(stored, ({ target }) => target),
        dayIndex: Int32Array.from(stored, ({ no }) => zone.dayAt((no - 1) * GRID_MS, home.anchorHour)),
        windowEndMs: Float64Array.from(stored, ({ no }) => no * GRID_MS),
      };
    };
    const mornings: Morning[] = [];
    for (let day = zone.dayAt(fromMs, home.anchorHour) + 1; zone.dayStartMs(day, home.anchorHour) < toMs; day++) {
      const atMs = zone.dayStartMs(day, home.anchorHour) + TRAINING_DELAY_MS;
      await pairLabels({ reader, writer: inlineWriter(db), clock: createJumpingClock(atMs), options, isCancelled: () => false });
      const { training } = readTrainingTable(reader, targetId, set, GRID_MS, { zone, anchorHour: home.anchorHour });
      mornings.push({ training, next: read(atMs, zone.dayStartMs(day + 1, home.anchorHour) + TRAINING_DELAY_MS) });
    }
    return { horizonMs: lookBackMs(definitions).longestHorizonMs, mornings };
  } finally {
    reader.close();
    db.close();
  }
}

/** As it is scored: inside a label 1, outside all of them 0, null where it straddles an edge or the labels are not complete. */
function targetOf(home: RecordedHome, windowNo: number): 0 | 1 | null {
  const [startMs, endMs] = [(windowNo - 1) * GRID_MS, windowNo * GRID_MS];
  if (startMs < home.warmupUntilMs || !home.complete.some((span) => startMs >= span.startMs && endMs <= span.endMs)) return null;
  const touched = home.labels.filter((label) => label.startMs < endMs && label.endMs > startMs);
  if (touched.length === 0) return 0;
  return touched.some((label) => startMs >= label.startMs && endMs <= label.endMs) ? 1 : null;
}
