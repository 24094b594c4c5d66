import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsSchema } from "../src/config/options.ts";
import { createZone, isoMs } from "../src/core/time.ts";
import { listReports, plotStreams } from "../src/flow/change-reports.ts";
import { createStages } from "../src/flow/stages.ts";
import { createJumpingClock } from "../src/runtime/clock.ts";
import { type RecordedHome, readRecordedHome } from "../src/runtime/replay/recorded-home.ts";
import { replay } from "../src/runtime/replay/replay.ts";
import { GRID_MS, stageOptions } from "../src/runtime/stage-options.ts";
import { openForReading, openForWriting } from "../src/store/db.ts";
import { inlineWriter } from "../src/store/inline-writer.ts";
import { machine } from "./machine.ts";

/**
 * Every report that the streams of recorded homes give (`homes` = a folder of them), and with `out` a plot of each stream as
 * `OUT/<home>/<stream>.svg`, to be looked at by eye: `ours` = reports per stream and month. Windows and changes are computed once behind the
 * whole past; a report depends on nothing after its own instant.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = String(options["homes"] ?? join(process.env["DATA_DIR"] ?? "../shared/data", "homes"));
  const out = options["out"] === undefined ? null : String(options["out"]);
  const homes: Record<string, Found> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const home = readRecordedHome(join(folder, entry.name));
    homes[home.name] = await changesOf(home, out === null ? null : join(out, home.name));
    process.stderr.write(`${home.name}: ${homes[home.name]?.reports.length} reports\n`);
  }
  const all = Object.values(homes);
  const months = all.reduce((sum, { watching, daysWatched }) => sum + (watching * daysWatched) / 30.44, 0);
  return {
    name: "home-changes",
    ours: all.reduce((sum, { reports }) => sum + reports.length, 0) / months,
    unit: "reports per stream and month",
    streamMonths: months,
    machine: machine(),
    homes,
  };
}

interface Found {
  readonly days: number;
  readonly streams: number;
  /** Streams whose learning time is over, and for how many days on average they have been watched since. */
  readonly watching: number;
  readonly daysWatched: number;
  readonly reports: readonly { readonly stream: string; readonly startUtc: string; readonly detectedUtc: string; readonly words: string }[];
}

async function changesOf(home: RecordedHome, plots: string | null): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-home-changes-"));
  const dbPath = join(folder, "home.db");
  try {
    const live = stageOptions(optionsSchema.parse({}), home.timeZone);
    // The hourly change job finds no windows yet; it is what the events come by.
    const skip = ["features", "train", "maintenance", "backup"];
    const { fromUtc, toUtc } = await replay(home, { ...live, dbPath, exclude: [], skip, systemNowMs: Date.now() });
    const db = openForWriting(dbPath);
    const reader = openForReading(dbPath);
    try {
      const clock = createJumpingClock(Date.parse(toUtc));
      const kept = { rawDays: 3650, featureDays: 3650, labelledDays: 3650 };
      const stageParts = { ...live, anchorHour: home.anchorHour, gridMs: GRID_MS, retention: kept };
      const stages = createStages({ reader, writer: inlineWriter(db), clock, isCancelled: () => false, options: stageParts });
      await stages.features({});
      await stages.changes({});
      if (plots !== null) {
        mkdirSync(plots, { recursive: true });
        for (const { streamName, svg } of plotStreams(reader, createZone(home.timeZone)))
          writeFileSync(join(plots, `${streamName.replaceAll(/[^A-Za-z0-9._-]/g, "_")}.svg`), svg);
      }
      const states = reader.all<{ phase: string; hours: number }>(
        "SELECT json_extract(state_json, '$.phase') AS phase, json_extract(state_json, '$.steps') * json_extract(state_json, '$.step_hours') AS hours FROM bocpd_model_state",
      );
      const watching = states.filter(({ phase }) => phase === "watching");
      // Learning took the first two weeks of the steps.
      const days = watching.map(({ hours }) => Math.max(0, hours / 24 - 14));
      return {
        days: (Date.parse(toUtc) - Date.parse(fromUtc)) / 86_400_000,
        streams: states.length,
        watching: watching.length,
        daysWatched: days.reduce((sum, one) => sum + one, 0) / Math.max(1, days.length),
        reports: listReports(reader).map(({ streamName, startMs, detectedAtMs, words }) => ({
          stream: streamName,
          startUtc: isoMs(startMs),
          detectedUtc: isoMs(detectedAtMs),
          words,
        })),
      };
    } finally {
      reader.close();
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
