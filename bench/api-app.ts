import { handleCommand } from "../src/app/commands.ts";
import { processFacts } from "../src/app/process-facts.ts";
import { readConfig } from "../src/config/config.ts";
import { optionsSchema } from "../src/config/options.ts";
import { createLive } from "../src/flow/ingest/live.ts";
import { createHome } from "../src/hass/home.ts";
import { createSystemClock } from "../src/runtime/clock.ts";
import { createSpill } from "../src/runtime/spill.ts";
import { stageOptions } from "../src/runtime/stage-options.ts";
import { createExports } from "../src/runtime/threads/export-client.ts";
import { createReaderThread } from "../src/runtime/threads/reader-client.ts";
import { createStageThreads } from "../src/runtime/threads/stage-client.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";
import { createServer } from "../src/web/server.ts";

/** The app without its schedules, which would compute a made-up file anew: websocket, writer, reader and pass threads, and the server. */

const [url, dbPath] = process.argv.slice(2) as [string, string];
const clock = createSystemClock();
const writer = startWriterThread(dbPath, (error) => {
  throw error;
});
await writer.open(clock.nowMs());
const reads = createReaderThread(dbPath);
const exports = createExports(dbPath, reads);
const stages = createStageThreads({
  dbPath,
  clock: { kind: "system", offsetMs: 0 },
  options: stageOptions(optionsSchema.parse({}), "Europe/Amsterdam"),
  writer,
});
const live = createLive({
  clock,
  spill: createSpill({ folder: `${dbPath}.spill` }),
  write: (events) => writer.write("insertEvents", { events, nowMs: clock.nowMs() }),
  isChosen: () => true,
  isHelper: () => false,
  onDropped: ({ count }) => process.stderr.write(`${count} events dropped\n`),
  onWriteFailed: (error) => process.stderr.write(`${String(error)}\n`),
});
const server = createServer({
  host: "127.0.0.1",
  port: 0,
  version: "0.0.0",
  log: {
    debug: () => undefined,
    info: () => undefined,
    error: (message, fields) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  },
  refusal: () => null,
  isInsideHomeAssistant: false,
  tokenOf: () => null,
  isAdministrator: async () => false,
  uptimeMs: () => performance.now(),
  api: () => ({
    read: reads.read,
    timeZone: async () => (await reads.read("metadata", "time_zone")) ?? "UTC",
    write: writer.write,
    command: (name, input) =>
      handleCommand(
        {
          learning: { stages: stages.run },
          listening: {
            flush: () => live.flush(),
            fetch: () => Promise.reject(new Error("not here")),
            setUpHelpers: () => Promise.reject(new Error("not here")),
          },
        },
        name,
        input,
      ),
    jobs: () => [],
    startJob: () => undefined,
    cancelJob: () => false,
    openExport: (request) => exports.open(request),
    facts: () => processFacts({ ...readConfig({}), dbPath }, "0.0.0"),
    nowMs: () => clock.nowMs(),
  }),
});
const { url: address } = await server.start();
const home = createHome({
  url,
  token: "token",
  clock,
  onState: (state) => {
    if (state.kind === "connected") void home.subscribe(live.accept).then(() => process.send!({ address }));
  },
});
home.start();
process.on("message", () => process.send!({ rssMb: process.memoryUsage.rss() / 2 ** 20, accepted: live.counts().accepted }));
