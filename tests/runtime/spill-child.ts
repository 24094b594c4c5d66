import { createEventQueue } from "../../src/flow/ingest/event-queue.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createSpill } from "../../src/runtime/spill.ts";

/** A process that takes events in and whose writer never answers, until it is killed. Tells how many it has taken. */

const [folder] = process.argv.slice(2) as [string];
const spill = createSpill({ folder, fileBytes: 20_000 });
const clock = createSystemClock();
const queue = createEventQueue({
  clock,
  spill,
  write: () => new Promise(() => undefined),
  onDropped: () => undefined,
  onWriteFailed: () => undefined,
  batchSize: 50,
  batchMs: 20,
  stuckMs: 40,
});
let sent = 0;
setInterval(() => {
  for (let i = 0; i < 20; i += 1, sent += 1) {
    queue.add({ entityId: `sensor.n${sent % 7}`, state: `${sent}`, updatedUs: 1_000_000 + sent, knownAtMs: 2_000, source: "live" }, null);
  }
  process.send!({ sent, spilled: queue.counts().spilled });
}, 1);
