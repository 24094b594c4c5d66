import { isoMs } from "../core/time.ts";
import { GRID_MS } from "../runtime/stage-options.ts";
import { startWriterThread, type WriterThread } from "../runtime/threads/writer-client.ts";
import { admitFile } from "../store/admission.ts";
import { type Db, openForReading } from "../store/db.ts";
import { newestVersion } from "../store/migrate.ts";
import { takeOwnership } from "../store/ownership.ts";
import { metadataInstantMs } from "../store/tables/metadata.ts";
import type { AppParts } from "./parts.ts";

export interface OpenDatabase {
  readonly path: string;
  readonly writer: WriterThread;
  readonly reader: Db;
  /** Until when the run before this one listened; null in a new file. */
  readonly heardUntilMs: number | null;
  close(atUtc: string): Promise<void>;
}

/** Refuses a file that `openDatabase` would refuse, before anything else is begun. @throws DatabaseRefused */
export function admitDatabase(path: string): void {
  admitFile(path, newestVersion());
  takeOwnership(path)();
}

/** Admits the file, owns it, starts its writer thread and brings it to this app's schema. @throws DatabaseRefused */
export async function openDatabase({ config, clock, clockParameters, version, log, onFatal }: AppParts): Promise<OpenDatabase> {
  const path = config.dbPath;
  admitFile(path, newestVersion());
  const release = takeOwnership(path);
  const writer = startWriterThread(path, onFatal);
  let reader: Db | null = null;
  try {
    const { from, to, copy } = await writer.open(clock.nowMs());
    if (from > 0 && from < to) log.info("the database was brought to a newer schema", { from, to, copy });
    reader = openForReading(path);
    const heardUntilMs = metadataInstantMs(reader, "heartbeat_at");
    await writer.write("setMetadata", {
      lifecycle: "starting",
      heartbeat_at: isoMs(clock.nowMs()),
      app_version: version,
      clock_offset_ms: String(clockParameters.offsetMs),
      grid_ms: String(GRID_MS),
      anchor_hour: String(config.options.night_anchor_hour),
    });
    await writer.write("closeAbandonedRuns", { nowMs: clock.nowMs() });
    await writer.write("putTargets", {
      targets: config.options.targets.map((target) => ({ name: target.name, startEntity: target.start, endEntity: target.end })),
      nowMs: clock.nowMs(),
    });
    return { path, writer, reader, heardUntilMs, close: (atUtc) => close(reader!, writer, release, atUtc) };
  } catch (error) {
    reader?.close();
    await writer.close().catch(() => undefined);
    release();
    throw error;
  }
}

async function close(reader: Db, writer: WriterThread, release: () => void, atUtc: string): Promise<void> {
  reader.close();
  await writer.write("setMetadata", { lifecycle: "stopped", heartbeat_at: atUtc }).catch(() => undefined);
  await writer.close();
  release();
}
