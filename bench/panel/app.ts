import { createSystemClock } from "../../src/runtime/clock.ts";
import { createReaderThread } from "../../src/runtime/threads/reader-client.ts";
import { startWriterThread } from "../../src/runtime/threads/writer-client.ts";
import { createServer } from "../../src/web/server.ts";

/** The app's server over a made file, as inside Home Assistant's network; each second some events more are counted, so that there is news. */

const [dbPath, host] = process.argv.slice(2) as [string, string];
const clock = createSystemClock();
const writer = startWriterThread(dbPath, (error) => {
  throw error;
});
await writer.open(clock.nowMs());
const reads = createReaderThread(dbPath);
const none = async (): Promise<never> => {
  throw new Error("not here");
};
const server = createServer({
  host,
  port: 0,
  version: "0.0.0",
  log: {
    debug: () => undefined,
    info: () => undefined,
    error: (message, fields) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  },
  refusal: () => null,
  isInsideHomeAssistant: true,
  isAdministrator: async () => true,
  tokenOf: () => null,
  uptimeMs: () => performance.now(),
  api: () => ({
    read: reads.read,
    write: writer.write,
    command: none,
    jobs: () => [],
    startJob: () => undefined,
    cancelJob: () => false,
    openExport: none,
    facts: () => ({ databasePath: dbPath, appVersion: "0.0.0" }),
    nowMs: () => clock.nowMs(),
    timeZone: async () => (await reads.read("metadata", "time_zone")) ?? "UTC",
  }),
});
const { url } = await server.start();
let total = 1_000_000;
setInterval(() => {
  total += 3;
  void writer.write("setHealth", { events_total: total, status: "ok", connection: "connected" });
}, 1000);
process.send!({ port: Number(new URL(url).port) });
