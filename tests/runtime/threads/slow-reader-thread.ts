import { parentPort } from "node:worker_threads";

/** A reader whose `activity` never ends and whose `timeline` takes a while; all else is answered with its name, as by a thread that is well. */
parentPort!.on("message", ({ id, name }: { readonly id: number; readonly name: string }) => {
  const beganAt = performance.now();
  while (name === "activity" || (name === "timeline" && performance.now() - beganAt < 700)) Math.sqrt(id);
  parentPort!.postMessage({ id, result: name });
  if (name === "close") setImmediate(() => parentPort!.close());
});
