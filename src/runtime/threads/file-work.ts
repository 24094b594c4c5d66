import { Worker } from "node:worker_threads";
import type { FileWorkInput, FileWorkName, FileWorkResult } from "./file-works.ts";
import { createRpcClient } from "./rpc.ts";

/** Does one work on a whole file in a thread of its own, so that nobody waits for the disk. @throws RemoteError with the work's own words */
export async function runFileWork<N extends FileWorkName>(
  name: N,
  input: FileWorkInput<N>,
  onShare: (share: number) => void = () => undefined,
): Promise<FileWorkResult<N>> {
  const worker = new Worker(new URL("./file-thread.ts", import.meta.url));
  const client = createRpcClient(worker);
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("message", (message: { readonly share?: number }) => {
    if (message.share !== undefined) onShare(message.share);
  });
  worker.on("error", (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", () => client.fail(new Error(`the thread that should ${name} has ended`)));
  try {
    return (await client.call(name, input)) as FileWorkResult<N>;
  } finally {
    await ended;
  }
}
