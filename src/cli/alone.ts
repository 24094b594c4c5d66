import { existsSync } from "node:fs";
import { readConfig } from "../config/config.ts";
import type { StageContext } from "../flow/stage.ts";
import { createStages, type StageInput, type StageName, type StageResult } from "../flow/stages.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { askRunningApp } from "../runtime/control.ts";
import { stageOptions } from "../runtime/stage-options.ts";
import { admitFile } from "../store/admission.ts";
import { openForReading, openForWriting } from "../store/db.ts";
import { inlineWriter } from "../store/inline-writer.ts";
import { migrate, newestVersion } from "../store/migrate.ts";
import { isOwned, takeOwnership } from "../store/ownership.ts";
import { settleCutOffRestore } from "../store/settle-restore.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import type { Environment } from "./command.ts";
import { noDatabase } from "./database.ts";

/** Asks the running app, or does the work on this thread when no app owns the database. */
export async function askOrRun<T>(
  environment: Environment,
  command: string,
  input: unknown,
  alone: (context: StageContext) => Promise<T>,
): Promise<T> {
  const config = readConfig(environment);
  const path = config.dbPath;
  if (!existsSync(path)) throw noDatabase(path);
  if (isOwned(path)) return (await askRunningApp(path, command, input)) as T;
  admitFile(path, newestVersion());
  const release = takeOwnership(path);
  const db = openForWriting(path);
  try {
    const system = createSystemClock();
    migrate(db, system.nowMs());
    settleCutOffRestore(db);
    const reader = openForReading(path);
    const timeZone = config.options.time_zone ?? getMetadata(reader, "time_zone");
    if (timeZone === null) throw new Error("This database has not met its home yet. Start the app once, so that it learns the time zone.");
    const offsetMs = Number(getMetadata(reader, "clock_offset_ms") ?? 0);
    const context: StageContext = {
      reader,
      writer: inlineWriter(db),
      clock: createSystemClock(offsetMs),
      options: stageOptions(config.options, timeZone),
      isCancelled: () => false,
    };
    try {
      return await alone(context);
    } finally {
      await context.writer.write("saveEntityStates", null);
      reader.close();
      await context.writer.write("checkpoint", null);
    }
  } finally {
    db.close();
    release();
  }
}

/** One stage by hand. */
export function runStage<N extends StageName>(environment: Environment, name: N, input: StageInput<N>): Promise<StageResult<N>> {
  return askOrRun(environment, name, input, (context) => createStages(context)[name](input as never) as Promise<StageResult<N>>);
}
