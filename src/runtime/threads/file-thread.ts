import { parentPort } from "node:worker_threads";
import { FILE_WORKS, type FileWorkName } from "./file-works.ts";
import { serveRpc } from "./rpc.ts";

/** A thread for one work on a whole file: it ends with it. */

serveRpc(parentPort!, async (name, input) => {
  try {
    return await FILE_WORKS[name as FileWorkName](input as never, (share) => parentPort!.postMessage({ share }));
  } finally {
    setImmediate(() => parentPort!.close());
  }
});
