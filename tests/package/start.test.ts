import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

test("a signal to npm alone ends the app that npm start started", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-start-"));
  const settings = { PORT: "0", DATA_FOLDER: folder, HA_URL: "http://127.0.0.1:1", HA_TOKEN: "token" };
  // A group of its own, so that nothing stays behind when the test fails.
  const npm = spawn("npm", ["start"], { env: { ...process.env, ...settings }, stdio: ["ignore", "ignore", "pipe"], detached: true });
  onTestFinished(() => {
    try {
      process.kill(-npm.pid!, "SIGKILL");
    } catch {
      // The whole group has ended, as it should.
    }
    rmSync(folder, { recursive: true, force: true });
  });
  await saying(npm, "the page is served");
  npm.kill("SIGTERM");
  // Broken once: without exec in package.json's start, npm and its shell end and the app goes on.
  await once(npm, "exit");
  await expect.poll(() => isAnyLeft(npm.pid!), { timeout: 10_000 }).toBe(false);
});

function saying(child: ChildProcess, words: string): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes(words)) resolve();
    });
    child.once("exit", () => reject(new Error(`it ended and never said "${words}": ${said}`)));
  });
}

function isAnyLeft(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
