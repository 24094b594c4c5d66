import { handleCommand } from "../../src/app/commands.ts";
import { optionsSchema } from "../../src/config/options.ts";
import { createStages } from "../../src/flow/stages.ts";
import { createJumpingClock } from "../../src/runtime/clock.ts";
import { stageOptions } from "../../src/runtime/stage-options.ts";
import { createExports } from "../../src/runtime/threads/export-client.ts";
import type { Db } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { getMetadata } from "../../src/store/tables/metadata.ts";
import type { Api } from "../../src/web/api/route.ts";
import { createServer, type Server, type ServerParts } from "../../src/web/server.ts";
import { createHomeFile, type HomeFile, NOW_MS, seedHome } from "./home-file.ts";

export type Logged = { readonly message: string; readonly fields: Readonly<Record<string, unknown>> | undefined };

/** The app's own questions, commands and writes on this very thread, over a file that a test holds. Jobs are only noted. */
export function apiOver(db: Db, changes: Partial<Api> = {}): Api & { readonly started: string[]; close(): Promise<void> } {
  const started: string[] = [];
  const clock = createJumpingClock(NOW_MS);
  const writer = inlineWriter(db);
  const exports = createExports(db.path, inlineReader(db));
  const context = {
    reader: db,
    writer,
    clock,
    options: stageOptions(optionsSchema.parse({}), "Europe/Amsterdam"),
    isCancelled: () => false,
  };
  const stages = createStages(context);
  const jobs = [
    { job: "features", dueAtMs: NOW_MS + 180_000, runningSinceMs: null, share: null },
    { job: "train", dueAtMs: null, runningSinceMs: NOW_MS - 5000, share: 0.4 },
  ];
  return {
    started,
    close: () => exports.close(),
    read: (name, input) => inlineReader(db).read(name, input),
    write: (name, input) => writer.write(name, input),
    command(name, input) {
      clock.jumpTo(clock.nowMs() + 1000);
      return handleCommand(
        {
          learning: { stages: (stage, asked) => stages[stage](asked as never) as never },
          listening: {
            flush: async () => undefined,
            fetch: async () => ({ inserted: 0 }),
            setUpHelpers: async () => ({ helpers: [], card: "type: entities" }),
          },
        },
        name,
        input,
      );
    },
    jobs: () => jobs,
    startJob(name) {
      if (!jobs.some(({ job }) => job === name)) throw new RangeError(`there is no job ${name}; jobs are features, train`);
      started.push(name);
    },
    cancelJob(name) {
      if (!jobs.some(({ job }) => job === name)) throw new RangeError(`there is no job ${name}; jobs are features, train`);
      return name === "train";
    },
    openExport: (request) => exports.open(request),
    facts: () => ({
      databasePath: db.path,
      appVersion: "0.0.0",
      nodeVersion: "v26.0.0",
      platform: "linux arm64",
      processors: 4,
      rssBytes: 130_000_000,
      uptimeSeconds: 7200,
      isInsideHomeAssistant: true,
      isSimulated: false,
    }),
    nowMs: () => NOW_MS,
    timeZone: async () => getMetadata(db, "time_zone") ?? "UTC",
    ...changes,
  };
}

/** A server over an Api, with what it said as it failed. */
export function serverOver(
  api: () => Api | null,
  changes: Partial<ServerParts> = {},
): { readonly server: Server; readonly logged: Logged[] } {
  const logged: Logged[] = [];
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    version: "0.0.0",
    log: { debug: () => undefined, info: () => undefined, error: (message, fields) => void logged.push({ message, fields }) },
    api,
    refusal: () => null,
    isInsideHomeAssistant: false,
    tokenOf: () => null,
    isAdministrator: async () => false,
    uptimeMs: () => performance.now(),
    ...changes,
  });
  return { server, logged };
}

/** A seeded home behind a running server. */
export interface ServedHome {
  readonly home: HomeFile;
  readonly api: ReturnType<typeof apiOver>;
  readonly url: string;
  close(): Promise<void>;
}

export async function openServedHome(prepare: (db: Db) => void = () => undefined): Promise<ServedHome> {
  const home = createHomeFile();
  seedHome(home.db);
  prepare(home.db);
  const api = apiOver(home.db);
  const { server } = serverOver(() => api);
  const { url } = await server.start();
  return {
    home,
    api,
    url,
    async close() {
      await server.stop();
      await api.close();
      home.remove();
    },
  };
}
