import { parentPort, workerData } from "node:worker_threads";
import { openForWriting } from "../../store/db.ts";
import { createLogKeeper } from "../../store/log-keeper.ts";
import { serveRpc } from "./rpc.ts";

/** Moves the log's pages into the file beside the writer, who so never waits for the disk between two commits. */

const LOOK_PERIOD_MS = 1000;

const db = openForWriting((workerData as { path: string }).path);
const keeper = createLogKeeper(db);
const looking = setInterval(() => keeper.look(), LOOK_PERIOD_MS);

serveRpc(parentPort!, (name) => {
  if (name === "figures") return keeper.figures();
  clearInterval(looking);
  db.close();
  setImmediate(() => parentPort!.close());
  return null;
});
