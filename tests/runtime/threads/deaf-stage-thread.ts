import { parentPort } from "node:worker_threads";

/** A stage thread that hears no cancel: `train` never ends, `predict` answers, as a thread that is well. */
parentPort!.on("message", ({ id, name }: { readonly id: number; readonly name: string }) => {
  if (name === "train") for (;;) Math.sqrt(id);
  parentPort!.postMessage({ id, result: name });
  if (name === "close") setImmediate(() => parentPort!.close());
});
