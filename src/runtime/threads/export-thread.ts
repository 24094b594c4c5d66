import { parentPort, workerData } from "node:worker_threads";
import { openForReading } from "../../store/db.ts";
import { type EventCursor, type ExportPlan, exportText } from "../../store/export.ts";
import { serveRpc } from "./rpc.ts";

/** A thread for one export: it reads the next piece when it is asked for it, so that whoever takes slowly holds up nobody else. */

const { path, plan, after } = workerData as { readonly path: string; readonly plan: ExportPlan; readonly after: EventCursor | null };
const db = openForReading(path);
const pieces = exportText(db, plan, after);
let isFirst = true;

serveRpc(parentPort!, async (name) => {
  if (name === "next") {
    const piece = pieces.next().value ?? null;
    // Somebody waits for the beginning; what comes behind it is long, and must not keep others waiting.
    if (isFirst) await import("./low-priority.ts");
    isFirst = false;
    return piece;
  }
  pieces.return(undefined);
  db.close();
  setImmediate(() => parentPort!.close());
  return null;
});
