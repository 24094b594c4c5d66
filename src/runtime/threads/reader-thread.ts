import { parentPort, workerData } from "node:worker_threads";
import { openForReading, openForWriting } from "../../store/db.ts";
import { createLogKeeper } from "../../store/log-keeper.ts";
import { READS, type ReadName } from "../../store/reads.ts";
import { serveRpc } from "./rpc.ts";

/**
 * The thread that answers the main thread's questions, so that neither a large file nor a lock ever stops the websocket. Between them it moves
 * the log's pages into the file, so that the writer never waits for the disk between two commits; one thread for both, since each costs 15 MB.
 */

const LOOK_PERIOD_MS = 1000;

const { path } = workerData as { path: string };
const db = openForReading(path);
const log = openForWriting(path);
const keeper = createLogKeeper(log);
const looking = setInterval(() => keeper.look(), LOOK_PERIOD_MS);

serveRpc(parentPort!, (name, input) => {
  if (name === "logFigures") return keeper.figures();
  if (name === "close") {
    clearInterval(looking);
    db.close();
    log.close();
    setImmediate(() => parentPort!.close());
    return null;
  }
  return READS[name as ReadName](db, input as never);
});
