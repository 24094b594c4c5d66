import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openAuthenticated } from "../protocol/raw-client.ts";

const MAIN = join(import.meta.dirname, "../../src/demo/main.ts");

interface Run {
  readonly child: ChildProcess;
  readonly folder: string;
  /** The line that it prints when it is ready. */
  readonly ready: Promise<{ readonly url: string; readonly token: string; readonly nowMs: number; readonly weeks: number }>;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function run(args: readonly string[], stdin: "pipe" | "ignore" | "ipc"): Run {
  const folder = mkdtempSync(join(tmpdir(), "demo-main-"));
  const stdio = stdin === "ipc" ? (["ignore", "pipe", "pipe", "ipc"] as const) : ([stdin, "pipe", "pipe"] as const);
  const child = spawn(process.execPath, [MAIN, "--folder", folder, "--weeks", "1", ...args], { stdio: [...stdio] });
  let [stdout, stderr] = ["", ""];
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
      if (stdout.includes("\n")) resolve(stdout);
    });
  }).then((line) => JSON.parse(line));
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("exit", resolve);
  }).then((code) => ({ code, stderr }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, folder, ready, ended };
}

describe("the process of the simulated home", () => {
  // Broken once: it ended with a stack trace of Node's on the terminal of whoever had stopped the app in its first second.
  test("it ends without a word when nobody is left to hear that it is ready", async () => {
    const { child, ended } = run([], "ignore");
    child.stdout!.destroy();
    expect(await ended).toEqual({ code: 0, stderr: "" });
  });

  test.each([
    ["SIGTERM", "ignore", (child: ChildProcess) => child.kill("SIGTERM")],
    ["SIGINT", "ignore", (child: ChildProcess) => child.kill("SIGINT")],
    ["the end of its input", "pipe", (child: ChildProcess) => child.stdin?.destroy()],
    ["the end of the channel to its parent", "ipc", (child: ChildProcess) => child.disconnect()],
  ] as const)("it says one line when it is ready, serves, and %s ends it within a second with its instant saved", async (_, stdin, end) => {
    const { child, folder, ready, ended } = run(["--seed", "5"], stdin);
    const { url, token, nowMs, weeks } = await ready;
    expect(weeks).toBe(1);
    const client = await openAuthenticated(url, token);
    expect(await client.result({ type: "get_config" })).toMatchObject({ state: "RUNNING" });
    const fromMs = performance.now();
    end(child);
    expect(await ended).toEqual({ code: 0, stderr: "" });
    expect(performance.now() - fromMs).toBeLessThan(1_000);
    const saved = JSON.parse(readFileSync(join(folder, "home.json"), "utf8"));
    expect(saved).toMatchObject({ seed: 5, token });
    expect(saved.instantMs).toBeGreaterThanOrEqual(nowMs);
  });

  test("without input it goes on", async () => {
    const { child, ready } = run([], "ignore");
    await ready;
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    expect(child.exitCode).toBeNull();
  });

  test.each([
    ["a port that is none", ["--port", "x"], "--port x"],
    ["a week too few", ["--weeks", "0"], "--weeks 0"],
    ["an instant that is none", ["--now", "yesterday"], "--now yesterday"],
    ["an unknown option", ["--surplus"], "surplus"],
  ])("%s is refused with exit code 2 and what is wrong", async (_, args, text) => {
    const { code, stderr } = await run(args, "ignore").ended;
    expect(code).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).not.toContain("    at ");
  });

  test("a port that is taken ends it with one line", async () => {
    const first = run([], "ignore");
    const { url } = await first.ready;
    const { code, stderr } = await run(["--port", new URL(url).port], "ignore").ended;
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
