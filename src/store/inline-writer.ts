import type { Db } from "./db.ts";
import type { WriteInput, WriteName, WriteResult, Writer } from "./writer.ts";
import { WRITES } from "./writes.ts";

/** These manage the file itself and cannot run inside a transaction. */
const OUTSIDE_A_TRANSACTION: ReadonlySet<WriteName> = new Set<WriteName>(["checkpoint"]);

/** Runs one named change on the writing connection, as one transaction. */
export function execute<N extends WriteName>(db: Db, name: N, input: WriteInput<N>): WriteResult<N> {
  const statement = WRITES[name] as (db: Db, input: WriteInput<N>) => WriteResult<N>;
  return OUTSIDE_A_TRANSACTION.has(name) ? statement(db, input) : db.transaction(() => statement(db, input));
}

/** A writer on this very thread: for replay, tests and commands that run alone. */
export function inlineWriter(db: Db): Writer {
  return {
    write: (name, input) => Promise.resolve().then(() => execute(db, name, input)),
  };
}
