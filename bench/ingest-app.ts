import { monitorEventLoopDelay } from "node:perf_hooks";
import { createLive } from "../src/flow/ingest/live.ts";
import { createHome } from "../src/hass/home.ts";
import { createSystemClock } from "../src/runtime/clock.ts";
import { createSpill } from "../src/runtime/spill.ts";
import { startWriterThread } from "../src/runtime/threads/writer-client.ts";

/** The app's ingest path alone, in a process of its own: client, buffer, writer thread. */

const [url, dbPath, events, token] = process.argv.slice(2) as [string, string, string, string];
const clock = createSystemClock();
const writer = startWriterThread(dbPath, (error) => {
  throw error;
});
await writer.open(clock.nowMs());
const spill = createSpill({ folder: `${dbPath}.spill` });
const live = createLive({
  clock,
  spill,
  write: (events) => writer.write("insertEvents", { events, nowMs: clock.nowMs() }),
  isChosen: () => true,
  isHelper: () => false,
  onDropped: ({ count }) => process.stderr.write(`${count} events dropped\n`),
  onWriteFailed: (error) => process.stderr.write(`${String(error)}\n`),
});
const delay = monitorEventLoopDelay({ resolution: 5 });
let peakRss = 0;
/** Longest stretch of own work between two turns of the loop, in processor time: what other programs take does not count. */
let workMs = 0;
let usedMs = threadMs();
setInterval(() => {
  const nowMs = threadMs();
  workMs = Math.max(workMs, nowMs - usedMs);
  usedMs = nowMs;
}, 2);
setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
  // As a feature pass does: the last, partly filled batch does not wait for its time.
  if (live.counts().accepted >= Number(events)) void live.flush();
}, 20);
const home = createHome({
  url,
  token,
  clock,
  onState: (state) => {
    if (state.kind !== "connected") return;
    void home.subscribe(live.accept).then(() => {
      delay.enable();
      workMs = 0;
      process.send!({ subscribed: true });
    });
  },
});
home.start();
process.on("message", () => {
  const rssMb = Math.max(peakRss, process.memoryUsage.rss()) / 2 ** 20;
  process.send!({ rssMb, lagMs: delay.max / 1e6, workMs, spilled: live.counts().spilled });
});

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
