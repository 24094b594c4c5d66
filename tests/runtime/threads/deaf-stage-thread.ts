import { parentPort } from "node:worker_threads";

/** A stage thread that hears no cancel: `train` and `features` never end, `predict` answers, as a thread that is well. */
parentPort!.on("message", ({ id, name }: { readonly id: number; readonly name: string }) => {
  if (name === "train" || name === "features") for (;;) Math.sqrt(id);
  parentPort!.postMessage({ id, result: name });
  if (name === "close") setImmediate(() => parentPort!.close());
});
