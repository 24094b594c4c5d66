import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { threadPriorities } from "../helpers/thread-priorities.ts";

test.skipIf(process.platform !== "linux")("a thread of low priority leaves the priority of every other thread alone", async () => {
  const before = threadPriorities();
  const preload = new URL("../../src/runtime/threads/low-priority.ts", import.meta.url).href;
  const code = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => 0); parentPort.postMessage('up')";
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { execArgv: ["--import", preload] });
  await new Promise((resolve) => worker.once("message", resolve));
  const lowered = threadPriorities().filter(({ nice }) => nice === 10).length - before.filter(({ nice }) => nice === 10).length;
  expect({ lowered, main: getPriority(0) }).toEqual({ lowered: 1, main: before[0]?.nice });
  await worker.terminate();
});
