import { handleCommand } from "./app/commands.ts";
import { type OpenDatabase, openDatabase } from "./app/database.ts";
import { type Learning, startLearning } from "./app/learning.ts";
import { createListening, type Listening } from "./app/listening.ts";
import { createMarkers, type Markers } from "./app/markers.ts";
import type { AppParts } from "./app/parts.ts";
import { describeContractProblem } from "./core/contracts/contract.ts";
import { DAY_MS, isoMs } from "./core/time.ts";
import { type ControlServer, listenForCommands } from "./runtime/control.ts";
import { checkContracts } from "./store/contracts.ts";
import { DatabaseRefused } from "./store/refusal.ts";
import { readHealthReport, readOverview } from "./store/tables/overview.ts";
import { createServer } from "./web/server.ts";

const HEARTBEAT_MS = 60_000;

export interface App {
  /** Resolves when the page is served and the database is open; the rest goes on by itself. @throws DatabaseRefused, ListenFault, HomeError */
  start(): Promise<{ readonly url: string }>;
  /** Stores what was received, cancels what runs, closes the file. */
  stop(): Promise<void>;
}

/** Builds everything; nothing happens before start(). */
export function createApp(parts: AppParts): App {
  const { config, clock, log } = parts;
  let database: OpenDatabase | null = null;
  let refusal: string | null = null;
  let learning: Learning | null = null;
  let listening: Listening | null = null;
  let control: ControlServer | null = null;
  let stopHeart: (() => void) | null = null;
  let ended: Promise<void> | null = null;

  const server = createServer({
    host: config.host,
    port: config.port,
    log,
    health: () => (database === null ? null : readHealthReport(database.reader)),
    refusal: () => refusal,
    overview: () => readOverview(database!.reader, { sinceMs: clock.nowMs() - DAY_MS, nowMs: clock.nowMs() }),
    nextRuns: () => learning?.nextRuns() ?? [],
    isInsideHomeAssistant: config.insideHomeAssistant,
  });

  async function open(): Promise<OpenDatabase | null> {
    try {
      return await openDatabase(parts);
    } catch (error) {
      // Inside Home Assistant a restart would only refuse again: stay up and say why, without touching the file.
      if (!(error instanceof DatabaseRefused && config.insideHomeAssistant)) throw error;
      refusal = error.message;
      log.error(error.message, { code: error.code });
      return null;
    }
  }

  async function begin(opened: OpenDatabase): Promise<void> {
    const markers: Markers = createMarkers(opened.writer, clock, log);
    const beat = (): void => void opened.writer.write("beat", { nowMs: clock.nowMs() }).catch((error: unknown) => log.error(String(error)));
    beat();
    stopHeart = clock.timer(HEARTBEAT_MS, beat);
    await markers.reportOptions(config.findings);
    await markers.reportContracts(checkContracts(opened.reader).map(describeContractProblem));
    listening = createListening({ ...parts, database: opened, markers });
    learning = await startLearning({ ...parts, database: opened, markers, listening });
    control = await listenForCommands(config.dbPath, (command, input) =>
      handleCommand({ learning: learning!, listening: listening! }, command, input),
    );
    listening.start();
    await opened.writer.write("setMetadata", { lifecycle: "running" });
  }

  return {
    async start() {
      const { url } = await server.start();
      try {
        database = await open();
        if (database !== null) await begin(database);
      } catch (error) {
        ended ??= end();
        await ended;
        throw error;
      }
      return { url };
    },
    stop: () => {
      ended ??= end();
      return ended;
    },
  };

  async function end(): Promise<void> {
    await control?.stop();
    await listening?.stop();
    await learning?.stop();
    stopHeart?.();
    await server.stop();
    await database?.close(isoMs(clock.nowMs()));
    database = null;
  }
}
