import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { errorOf } from "../../core/reason.ts";
import type { FileWorkInput, FileWorkName, FileWorkResult } from "./file-works.ts";
import { createRpcClient, type Port } from "./rpc.ts";

/**
 * Works that leave the live file as it is. Each is one statement of SQLite's that lasts until every page is read, and neither a thread nor the
 * process around it can be ended before.
 */
type ReadingWork = "backUp" | "check";

/** Does one work on a whole file in a thread of its own, so that nobody waits for the disk. @throws RemoteError with the work's own words */
export async function runFileWork<N extends Exclude<FileWorkName, ReadingWork>>(
  name: N,
  input: FileWorkInput<N>,
  onShare: (share: number) => void = () => undefined,
): Promise<FileWorkResult<N>> {
  const worker = new Worker(new URL("./file-thread.ts", import.meta.url));
  worker.on("message", (message: { readonly share?: number }) => {
    if (message.share !== undefined) onShare(message.share);
  });
  const ended = endOf(worker);
  try {
    return await workIn(worker, worker, name, input);
  } finally {
    // Also where it failed: until then the thread may have the file open.
    await ended;
  }
}

/**
 * Does a work in a process of its own, which the signal ends at once, as does the end of this process.
 * @throws RemoteError with the work's own words, or the signal's reason
 */
export async function runReadingWork<N extends ReadingWork>(
  name: N,
  input: FileWorkInput<N>,
  signal?: AbortSignal,
): Promise<FileWorkResult<N>> {
  signal?.throwIfAborted();
  const child = fork(fileURLToPath(new URL("./file-process.ts", import.meta.url)), { serialization: "advanced" });
  const port: Port = {
    on: (event, listener) => child.on(event, listener),
    postMessage: (message) => void child.send(message as object),
  };
  const end = (): unknown => child.kill("SIGKILL");
  process.once("exit", end);
  signal?.addEventListener("abort", end, { once: true });
  const ended = endOf(child);
  try {
    const result = await workIn(child, port, name, input);
    await ended;
    return result;
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    process.off("exit", end);
    signal?.removeEventListener("abort", end);
  }
}

interface Place {
  once(event: "error" | "exit", listener: (what: unknown) => void): unknown;
}

function endOf(place: Place): Promise<void> {
  return new Promise((resolve) => void place.once("exit", () => resolve()));
}

function workIn<N extends FileWorkName>(place: Place, port: Port, name: N, input: FileWorkInput<N>): Promise<FileWorkResult<N>> {
  const client = createRpcClient(port);
  place.once("error", (error) => client.fail(errorOf(error)));
  place.once("exit", () => client.fail(new Error(`what should ${name} has ended`)));
  return client.call(name, input) as Promise<FileWorkResult<N>>;
}
