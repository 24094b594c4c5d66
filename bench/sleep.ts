import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsSchema } from "../src/config/options.ts";
import { parseArtifact } from "../src/core/models/clr/artifact.ts";
import { scoreRow } from "../src/core/models/clr/score.ts";
import { isoMs } from "../src/core/time.ts";
import { type RecordedHome, readRecordedHome } from "../src/runtime/replay/recorded-home.ts";
import { replay } from "../src/runtime/replay/replay.ts";
import { GRID_MS, stageOptions } from "../src/runtime/stage-options.ts";
import { type Db, openForReading } from "../src/store/db.ts";
import { machine, spreadOf } from "./machine.ts";

/**
 * Walk-forward probabilities of recorded homes, through the same stages as live: `OUT/<home>.predictions.csv`, all windows of the days to be
 * scored. The model is trained from the first labelled day on (its gate is lowered to one day); where there is no better answer, the clock's.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const homes = String(options["homes"] ?? join(process.env["DATA_DIR"] ?? "../shared/data", "homes"));
  const out = String(options["out"] ?? "data/sleep");
  mkdirSync(out, { recursive: true });
  const seconds: number[] = [];
  const results: Record<string, object> = {};
  for (const name of readdirSync(homes, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)) {
    const home = readRecordedHome(join(homes, name));
    const started = performance.now();
    results[home.name] = await predictHome(home, join(out, `${home.name}.predictions.csv`), options["exclude-bed"] === true);
    seconds.push((performance.now() - started) / 1000);
    process.stderr.write(`${home.name}: ${seconds.at(-1)!.toFixed(1)} s\n`);
  }
  return { name: "sleep", ours: spreadOf(seconds).median, unit: "s per home", runs: spreadOf(seconds), machine: machine(), homes: results };
}

async function predictHome(home: RecordedHome, file: string, excludeBed: boolean): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-sleep-"));
  const dbPath = join(folder, "home.db");
  try {
    const live = stageOptions(optionsSchema.parse({}), home.timeZone);
    const summary = await replay(home, {
      dbPath,
      gridMs: GRID_MS,
      gates: { ...live.gates, previewDays: 1 },
      maxLabelHours: live.maxLabelHours,
      exclude: excludeBed ? home.bedSensors : [],
      skip: ["changes", "maintenance"],
      systemNowMs: Date.now(),
    });
    if (summary.failures.length > 0) throw new Error(`${home.name}: ${summary.failures[0]}`);
    const db = openForReading(dbPath);
    const rows = probabilities(db, home, Date.parse(summary.toUtc));
    db.close();
    const lines = rows.map((row) => `${isoMs(row.windowEndMs)},${row.probability}`);
    writeFileSync(file, `window_end,probability\n${lines.join("\n")}\n`);
    return { windows: rows.length, fromClock: rows.filter((row) => row.fromClock).length, file };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Row {
  readonly windowEndMs: number;
  readonly probability: number;
  readonly fromClock: boolean;
}

/** What live said of each window, and the newest clock model's word where it said nothing. */
function probabilities(db: Db, home: RecordedHome, toMs: number): Row[] {
  const stored = new Map(
    db
      .all<{ windowNo: number; probability: number | null; stage: string }>(
        // Only what was said in time: the first model scores the day before it, too.
        "SELECT window_no AS windowNo, probability, stage FROM predictions WHERE predicted_at_ms <= (window_no + 1) * ?",
        GRID_MS,
      )
      .map((row) => [row.windowNo, row]),
  );
  const models = db
    .all<{ atMs: number; json: string }>("SELECT created_at_ms AS atMs, artifact_json AS json FROM clr_model_artifacts ORDER BY id")
    .map(({ atMs, json }) => ({ atMs, clock: parseArtifact(json).clock }));
  const rows: Row[] = [];
  for (let windowNo = Math.floor(home.warmupUntilMs / GRID_MS) + 1; windowNo * GRID_MS <= toMs; windowNo += 1) {
    const windowEndMs = windowNo * GRID_MS;
    const known = stored.get(windowNo);
    if (known?.probability != null) rows.push({ windowEndMs, probability: known.probability, fromClock: known.stage === "clock" });
    else {
      const clock = models.findLast((each) => each.atMs < windowEndMs)?.clock;
      rows.push({
        windowEndMs,
        probability: clock === undefined ? 0.5 : scoreRow(clock, snapshot(db, windowNo)).probability,
        fromClock: true,
      });
    }
  }
  return rows;
}

function snapshot(db: Db, windowNo: number): Record<string, number | null> {
  const values = db.all<{ name: string; value: number | null }>(
    `SELECT d.name, v.value FROM features f CROSS JOIN json_each(f.values_json) v
     CROSS JOIN feature_set_members m ON m.set_id = f.set_id AND m.position = v.key CROSS JOIN feature_definitions d ON d.feature_id = m.feature_id
     WHERE f.window_no = ?`,
    windowNo,
  );
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}
