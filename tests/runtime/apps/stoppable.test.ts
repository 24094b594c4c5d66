import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** V8's flags as `npm start` has them. */
const FLAGS = (
  JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { scripts: { start: string } }
).scripts.start
  .split(" ")
  .filter((word) => word.startsWith("--") && word !== "--import");

const PROGRAM = `
  const { Worker } = require("node:worker_threads");
  const leak = "const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length));";
  const worker = new Worker(leak, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 } });
  worker.on("error", (error) => console.log(error.code));
  worker.on("exit", () => process.exit());
`;

// Broken once: without --no-turboshaft-loop-unrolling the thread takes gigabytes, and not even terminate() ends it.
test("a thread whose loop V8 has unrolled still ends at its memory limit", async () => {
  const child = spawn(process.execPath, [...FLAGS, "-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const tooLong = setTimeout(() => child.kill("SIGKILL"), 60_000);
  let said = "";
  child.stdout.on("data", (part: Buffer) => {
    said += part;
  });
  await new Promise((end) => child.once("close", end));
  clearTimeout(tooLong);
  expect(said.trim()).toBe("ERR_WORKER_OUT_OF_MEMORY");
}, 90_000);
