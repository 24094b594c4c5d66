import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "./folder.ts";
import { appsProcess, appsProcesses } from "./process-scene.ts";

const app = (body: string): string =>
  `import { App } from "ml-data-layer";\n\nexport default class Thing extends App {\n  async initialize() {\n${body}\n  }\n}\n`;

const GOOD = app(`    await this.listenState("sensor.*", async ({ entityId, new: is }) => {
      await this.fireEvent("heard", { is, unit: (await this.getState(entityId)).attributes.unit ?? null });
    });
    await this.fireEvent("up", {});`);

test("apps in their process hear states, events and the place, ask and are refused, and tell how they stand", async () => {
  const home = appsProcess({
    "asks.ts": app(`    const state = await this.getState("sensor.a");
    await this.store.set("state", state);
    await this.listenEvent("doorbell", (event) => void this.fireEvent("rang", event.data));
    const refusal = await this.callService("light.refused").catch((error) => error.message);
    const answer = await this.callService("light.get", { response: true });
    await this.fireEvent("asked", { state: (await this.store.get("state")).state, refusal, answer, none: (await this.getState("sensor.none")) });
    this.log("asked it all");
    process.stdout.write("past the log\\n");`),
    "wrong.ts": app('    throw new RangeError("not today");'),
    "apps.yaml": "asks: { file: asks.ts }\nwrong: { file: wrong.ts }\ngone: { file: gone.ts }\n",
  });
  home.set("sensor.a", "1");
  await until(
    () => home.fired,
    (fired) => fired.length === 1,
  );
  expect(home.fired[0]).toEqual({ type: "asked", data: { state: "1", refusal: "Service refused.", answer: { asked: "get" }, none: null } });
  expect(home.types).toEqual(["doorbell"]);
  home.apps.event({ type: "doorbell", data: { count: 2 }, atMs: home.clock.nowMs() });
  await until(
    () => home.fired,
    (fired) => fired.length === 2,
  );
  expect(home.fired[1]).toEqual({ type: "rang", data: { count: 2 } });
  await until(
    () => home.lines,
    (lines) => lines.length > 0,
  );
  expect(home.lines).toEqual(["past the log"]);
  expect(home.said).toContain("asks info asked it all");
  await until(
    () => home.failed,
    (failed) => failed.length > 0,
  );
  expect(home.failed[0]!.words).toMatch(/RangeError: not today at wrong\.ts:5/);
  expect(home.troubles).toEqual([expect.stringMatching(/gone\.ts does not exist/)]);
  expect((await home.apps.status()).map(({ name, state }) => [name, state])).toEqual([
    ["asks", "running"],
    ["wrong", expect.stringMatching(/failed|starting/)],
  ]);
});

// Broken once: with the apps' threads in this very process (as they were) it ends, and the test with it.
test("one allocation far beyond memory_mb costs the apps a start, its own app more, and the program nothing", {
  timeout: 60_000,
}, async () => {
  const home = appsProcess({
    "huge.ts": app(
      '    await this.listenState("input_boolean.huge", () => void new Array(32_000_000).fill(0).map((_, n) => ({ n })), { new: "on" });\n    await this.fireEvent("huge", {});',
    ),
    "good.ts": GOOD,
    "apps.yaml": "huge: { file: huge.ts }\ngood: { file: good.ts }\n",
  });
  await until(
    () => home.fired,
    (fired) => fired.length === 2,
  );
  const [before] = appsProcesses();
  home.set("input_boolean.huge", "on");
  await until(
    () => home.failed,
    (failed) => failed.length === 1,
  );
  expect(home.failed[0]!.app).toBe("huge");
  expect(home.failed[0]!.words).toMatch(
    /^it was at work when the process of all apps ended: .*out of memory; one allocation was far larger than memory_mb allows/,
  );
  expect(home.troubles).toEqual([expect.stringMatching(/^the process of the apps ended; it is started again .*"atWork":"huge"/)]);
  // What V8 says to its makers stands in no log.
  expect(home.lines).toEqual([]);
  await until(
    () => home.fired.filter(({ type }) => type === "up"),
    (up) => up.length === 2,
  );
  home.set("sensor.b", "2", { unit: "W" });
  await until(
    () => home.fired,
    (fired) => fired.some(({ type, data }) => type === "heard" && data["is"] === "2" && data["unit"] === "W"),
  );
  expect(await home.state("good")).toBe("running");
  expect(await home.state("huge")).toBe("failed");
  expect(appsProcesses()).toHaveLength(1);
  expect(appsProcesses()[0]).not.toBe(before);
});

test("a run under way when the process ends is cut off, and made again by the next one", { timeout: 60_000 }, async () => {
  const home = appsProcess({
    "kept.ts": app(`    await this.runEvery(5, async () => {
      const runs = ((await this.store.get("runs")) ?? 0) + 1;
      await this.store.set("runs", runs);
      await this.fireEvent("run", { runs });
      if (runs === 1) await new Promise(() => setTimeout(() => undefined, 60_000));
    }, { name: "often", missed: "each" });`),
    "apps.yaml": "kept: { file: kept.ts }\n",
  });
  await until(
    () => home.fired,
    (fired) => fired.length === 1,
    30_000,
  );
  expect(home.receipts.all()).toMatchObject([{ job: "app:kept/often", status: "running" }]);
  process.kill(appsProcesses()[0]!, "SIGKILL");
  await until(
    () => home.troubles,
    (troubles) => troubles.length > 0,
  );
  expect(home.troubles[0]).toMatch(/the system ended it, as it does where memory runs out/);
  await until(
    () => home.fired,
    (fired) => fired.length >= 2,
  );
  // Broken once: without what is known of runs under way (begun-runs.ts) it stays "running" for good.
  await until(
    () => home.receipts.all(),
    ([first]) => first?.status === "completed" && first.attempts === 2,
  );
});

test("a process that does not answer is ended and followed by another", { timeout: 60_000 }, async () => {
  const home = appsProcess({ "good.ts": GOOD, "apps.yaml": "good: { file: good.ts }\n" }, 20);
  await until(
    () => home.fired,
    (fired) => fired.length === 1,
  );
  process.kill(appsProcesses()[0]!, "SIGSTOP");
  home.set("sensor.a", "1");
  // Broken once: with nobody who looks whether it reads (apps-process.ts) it stands still for good.
  await until(
    () => home.troubles,
    (troubles) => troubles.length === 2,
  );
  expect(home.troubles[0]).toMatch(/does not answer; it is ended/);
  await until(
    () => home.fired,
    (fired) => fired.filter(({ type }) => type === "up").length === 2,
  );
});

test("an app that asks for much without a pause keeps no other from being heard", { timeout: 60_000 }, async () => {
  const home = appsProcess({
    "asks.ts": app('    for (let n = 0; n < 64; n += 1) void this.go();\n  }\n  async go() {\n    for (;;) await this.getStates("*");'),
    "good.ts": GOOD,
    "apps.yaml": "good: { file: good.ts }\nasks: { file: asks.ts }\n",
  });
  for (let n = 0; n < 1000; n += 1) home.set(`light.lamp_${n}`, "on", { brightness: n, color: "warm", friendly_name: `Lamp ${n}` });
  await until(
    () => home.fired,
    (fired) => fired.length === 1,
  );
  await pause(1000);
  const delays: number[] = [];
  for (let n = 0; n < 20; n += 1) {
    const sinceMs = performance.now();
    home.set("sensor.a", String(n));
    await until(
      () => home.fired,
      (fired) => fired.length === 2 + n,
    );
    delays.push(performance.now() - sinceMs);
  }
  expect(delays.toSorted((a, b) => a - b)[10]).toBeLessThan(500);
});

test("apps do not outlive a program that was killed", async () => {
  const child = spawn(process.execPath, [new URL("./apps-parent.ts", import.meta.url).pathname], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const [pid] = appsProcesses(child.pid);
  expect(pid).toBeGreaterThan(0);
  child.kill("SIGKILL");
  const isThere = (): boolean => {
    try {
      process.kill(pid!, 0);
      return true;
    } catch {
      return false;
    }
  };
  // Broken once: without the ear for the program's end (threads/apps-process.ts) it goes on alone.
  await until(isThere, (is) => !is);
});
