import "./low-priority.ts";
import { parentPort, workerData } from "node:worker_threads";
import { openForReading } from "../../store/db.ts";
import { type ExportRequest, exportText } from "../../store/export.ts";
import { serveRpc } from "./rpc.ts";

/** A thread for one export: it reads the next piece when it is asked for it, so that whoever takes slowly holds up nobody else. */

const { path, request } = workerData as { readonly path: string; readonly request: ExportRequest };
const db = openForReading(path);
const pieces = exportText(db, request);

serveRpc(parentPort!, (name) => {
  if (name === "next") return pieces.next().value ?? null;
  pieces.return(undefined);
  db.close();
  setImmediate(() => parentPort!.close());
  return null;
});
