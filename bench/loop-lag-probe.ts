import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded before the app (`node --import`): tells by a message, of the time since it was last asked, how long its main thread's loop was ever held
 * up (`lagMs`), and how long it ever worked itself between two turns (`workMs`, processor time: what other programs take does not count).
 */

const TURN_MS = 2;

if (isMainThread && process.send !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let used = usedMs();
  let workMs = 0;
  setInterval(() => {
    const now = usedMs();
    workMs = Math.max(workMs, now - used);
    used = now;
  }, TURN_MS).unref();
  process.on("message", () => {
    process.send!({ lagMs: delay.max / 1e6, workMs });
    delay.reset();
    workMs = 0;
  });
  process.channel?.unref();
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
