import { spawn, spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { threadPriorities } from "../../helpers/thread-priorities.ts";
import { appsFolder, until } from "./folder.ts";

const canPin = process.platform === "linux" && spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/** The app's thread gets almost nothing of a processor: another process has it, and the thread goes behind all others. */
function starve(threadId: number): void {
  const burner = spawn("taskset", ["-c", "0", process.execPath, "-e", "for (;;);"], { stdio: "ignore" });
  onTestFinished(() => void burner.kill("SIGKILL"));
  expect(spawnSync("taskset", ["-p", "-c", "0", String(threadId)]).status).toBe(0);
}

// Broken once: judged by its own work alone (app-watch.ts, isWanting) it takes a minute.
test.skipIf(!canPin)("a loop that a busy machine hardly lets work is stopped as soon as any other", { timeout: 90_000 }, async () => {
  const home = appsFolder({
    "loop.ts": `import { App } from "ml-data-layer";
export class Loop extends App {
  async initialize() {
    await this.listenState("sensor.a", () => { for (;;); });
  }
}
`,
    "apps.yaml": "loop: { file: loop.ts }\n",
  });
  await home.apps.start();
  const sinceMs = performance.now();
  home.set("sensor.a", "1");
  const behind = await until(
    () => threadPriorities().find(({ nice }) => nice === 19),
    (thread) => thread !== undefined,
  );
  starve(behind!.threadId);
  await until(
    () => home.failed,
    (failed) => failed.length > 0,
    70_000,
  );
  // 8 to 9 s, and what a busy machine takes from this test itself.
  expect(performance.now() - sinceMs).toBeLessThan(15_000);
  expect(home.failed[0]?.words).toMatch(/did not come to rest for \d+ s/);
  // Ended it may be only once it gets a processor; nobody waits for that.
  const stopMs = performance.now();
  await home.apps.stop();
  expect(performance.now() - stopMs).toBeLessThan(6_000);
});
