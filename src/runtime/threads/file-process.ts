import "./low-priority.ts";
import { FILE_WORKS, type FileWorkName } from "./file-works.ts";
import { serveRpc } from "./rpc.ts";

/** A process for one work that only reads the live file: it ends with it, or is killed in the middle of a statement, which a thread cannot be. */

// A terminal tells all of its processes; when this one has to end is the app's word.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

const channel = {
  on: (event: "message", listener: (message: unknown) => void) => process.on(event, listener),
  postMessage: (message: unknown) => void process.send?.(message as object),
};

serveRpc(channel, async (name, input) => {
  try {
    return await FILE_WORKS[name as FileWorkName](input as never, () => undefined);
  } finally {
    setImmediate(() => process.disconnect?.());
  }
});
