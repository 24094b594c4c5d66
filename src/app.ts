import { createAdministrators } from "./app/administrators.ts";
import { createApi } from "./app/api.ts";
import { handleCommand } from "./app/commands.ts";
import { type OpenDatabase, openDatabase } from "./app/database.ts";
import { createFileCare } from "./app/file-care.ts";
import { watchFile } from "./app/file-watch.ts";
import { type Learning, startLearning } from "./app/learning.ts";
import { type Life, startLife } from "./app/life.ts";
import { createListening, type Listening } from "./app/listening.ts";
import { createMarkers, type Markers } from "./app/markers.ts";
import { type MqttEntities, startMqttEntities } from "./app/mqtt-entities.ts";
import type { AppParts } from "./app/parts.ts";
import { watchTokens } from "./app/token-watch.ts";
import { startUserApps, type UserApps } from "./app/user-apps.ts";
import { describeContractProblem } from "./core/contracts/contract.ts";
import { errorOf, reasonOf } from "./core/reason.ts";
import { type ControlServer, listenForCommands } from "./runtime/control.ts";
import type { WriterNews } from "./runtime/threads/writer-client.ts";
import { createTokenCheck, tokenFilePath } from "./runtime/token-file.ts";
import { isCorrupt } from "./store/db.ts";
import { DatabaseRefused } from "./store/refusal.ts";
import type { Api } from "./web/api/route.ts";
import { createServer } from "./web/server.ts";

const LOCKED =
  "Another program holds the lock of the database, such as one that shows or compacts it; the app goes on as soon as it lets go.";

export interface App {
  /** Resolves when the page is served and the database is open; the rest goes on by itself. @throws DatabaseRefused, ListenFault, HomeError */
  start(): Promise<{ readonly url: string }>;
  /** Stores what was received, cancels what runs, closes the file. Null = all is stored, else why not, in words. */
  stop(): Promise<string | null>;
}

/** Builds everything; nothing happens before start(). */
export function createApp(parts: AppParts): App {
  const { config, clock, log } = parts;
  let database: OpenDatabase | null = null;
  let api: Api | null = null;
  let refusal: string | null = null;
  let learning: Learning | null = null;
  let listening: Listening | null = null;
  let userApps: UserApps | null = null;
  let mqttEntities: MqttEntities | null = null;
  let markers: Markers | null = null;
  let life: Life | null = null;
  let control: ControlServer | null = null;
  let stopHeart: (() => void) | null = null;
  let ended: Promise<string | null> | null = null;
  const stopping = new AbortController();

  const server = createServer({
    host: config.host,
    port: config.port,
    log,
    version: parts.version,
    api: () => api,
    // What is wrong with the options has no marker while there is no database to keep it.
    refusal: () => (refusal === null ? null : [refusal, ...config.findings].join(" ")),
    isInsideHomeAssistant: config.insideHomeAssistant,
    isAdministrator: createAdministrators(
      async () => {
        if (listening === null) throw new Error("not connected");
        return listening.home.administrators();
      },
      () => performance.now(),
    ),
    tokenOf: createTokenCheck(tokenFilePath(config), (error) => log.error(reasonOf(error))),
    uptimeMs: () => performance.now(),
  });

  const care = createFileCare({
    ...parts,
    // Who stops needs no mending: the close writes what it holds.
    onFatal: (error) => {
      if (ended === null) parts.onFatal(error);
    },
    database: () => database,
    markers: () => markers,
    withoutConnections,
  });

  const news: WriterNews = {
    onDamage: (words) => {
      if (ended === null) care.suspect(words);
    },
    onMarked: (marker) => markers?.noteMarked(marker),
    onCleared: (code) => markers?.noteCleared(code),
    onLocked: () => {
      if (refusal === LOCKED) return;
      refusal = LOCKED;
      log.warn(LOCKED, { path: config.dbPath });
    },
  };

  async function open(owned?: () => void): Promise<OpenDatabase | null> {
    try {
      return await openDatabase({ ...parts, news, stopping: stopping.signal }, owned);
    } catch (error) {
      // Inside Home Assistant a restart would only refuse again: stay up and say why, without touching the file.
      if (!(error instanceof DatabaseRefused && config.insideHomeAssistant)) throw error;
      refusal = error.message;
      log.error(error.message, { code: error.code });
      for (const finding of config.findings) log.warn(finding, { code: "options_wrong" });
      return null;
    }
  }

  async function begin(opened: OpenDatabase): Promise<void> {
    markers = createMarkers(opened.writer, clock, log);
    life = startLife({ writer: opened.writer, clock, log });
    const { stop: stopBeating } = life;
    api = createApi({ ...parts, database: opened, life, learning: () => learning, listening: () => listening });
    const stopWatching = watchFile({ config, clock, log, database: opened, markers, onDamage: care.suspect });
    const stopTokens = watchTokens({ path: tokenFilePath(config), clock, markers, onError: (error) => log.error(reasonOf(error)) });
    const { stop: stopMarkers } = markers;
    stopHeart = () => {
      stopBeating();
      stopMarkers();
      stopWatching();
      stopTokens();
    };
    await markers.reportOptions(config.findings);
    await markers.reportContracts((await opened.reads.read("contractProblems", null)).map(describeContractProblem));
    listening = await createListening({ ...parts, database: opened, markers });
    userApps = startUserApps({ ...parts, database: opened, markers, listening });
    mqttEntities = await startMqttEntities({ ...parts, database: opened, markers });
    const onComputed = (job: string): void => {
      userApps?.computed(job);
      mqttEntities?.computed(job);
    };
    learning = await startLearning({ ...parts, database: opened, markers, listening, care, onComputed });
    if (control?.isReachable() === false) {
      await control.stop();
      control = null;
    }
    control ??= await listenForCommands(config.dbPath, answer);
    listening.start();
    await opened.writer.write("setMetadata", { lifecycle: "running" });
  }

  async function answer(command: string, input: unknown): Promise<unknown> {
    if (command === "life" && life !== null) return life.trouble();
    const aboutFile = care.answer(command, input);
    if (aboutFile !== null) return aboutFile;
    if (database === null || learning === null || listening === null) throw new Error(refusal ?? "The app is still starting; try again.");
    try {
      if (command === "apps") return userApps?.status() ?? [];
      return await handleCommand({ learning, listening }, command, input);
    } catch (error) {
      if (isCorrupt(error)) care.suspect(reasonOf(error));
      throw error;
    }
  }

  /** Everything above the file ends and is built anew: whatever was known of its content may be another now. */
  async function withoutConnections<T>(work: () => Promise<T>): Promise<T> {
    const held = database;
    if (held === null || ended !== null) throw new Error("The app is starting or stopping; try again when it runs.");
    refusal = "The database is being checked or restored. What happens meanwhile is fetched from Home Assistant's recorder afterwards.";
    await letGo();
    [database, api] = [null, null];
    await held.setDown(clock.nowMs()).catch((error: unknown) => log.warn("the database was not closed well", { reason: reasonOf(error) }));
    try {
      return await work();
    } finally {
      refusal = null;
      if (ended !== null) held.release();
      else
        await takeUp(held.release).catch((error: unknown) => {
          // Up and without its file it would hear and store nothing for ever.
          log.error("the database could not be taken up again", { reason: reasonOf(error) });
          if (ended === null) parts.onFatal(errorOf(error));
          throw error;
        });
    }
  }

  async function takeUp(owned?: () => void): Promise<void> {
    database = await open(owned);
    if (database === null) return;
    refusal = null;
    await begin(database);
  }

  async function letGo(): Promise<void> {
    // Nobody waits behind a question that takes its time.
    database?.reads.hurry();
    const stopHearing = async (): Promise<void> => {
      await userApps?.stop();
      await listening?.stop();
    };
    // A broker that does not answer takes its second beside the others, and what computes is cancelled before anybody waits behind it.
    await Promise.all([learning?.stop(), mqttEntities?.stop(), stopHearing()]);
    stopHeart?.();
    [mqttEntities, userApps, listening, learning, life, stopHeart] = [null, null, null, null, null, null];
  }

  return {
    async start() {
      const { url } = await server.start();
      try {
        await takeUp();
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

  async function end(): Promise<string | null> {
    stopping.abort(new Error("the app is stopping"));
    await control?.stop();
    await care.settled();
    await letGo();
    await server.stop();
    api = null;
    const closing = await database?.close(clock.nowMs());
    database = null;
    if (closing === undefined) return null;
    if (closing.lost !== null)
      return `What came since the last backup is lost with the database's file, which the next start restores from that backup: ${closing.lost}`;
    if (closing.unwritten === null) return null;
    return `What could not be written any more waits beside the database, or is fetched from Home Assistant's recorder at the next start: ${closing.unwritten}`;
  }
}
