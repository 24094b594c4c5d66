import { parentPort, workerData } from "node:worker_threads";
import { openForReading } from "../../store/db.ts";
import { READS, type ReadName } from "../../store/reads.ts";
import { serveRpc } from "./rpc.ts";

/** The thread that answers the main thread's questions, so that neither a large file nor a lock ever stops the websocket. */

const db = openForReading((workerData as { path: string }).path);

serveRpc(parentPort!, (name, input) => {
  if (name === "close") {
    db.close();
    setImmediate(() => parentPort!.close());
    return null;
  }
  return READS[name as ReadName](db, input as never);
});
