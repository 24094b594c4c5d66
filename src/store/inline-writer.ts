import type { Db } from "./db.ts";
import { forgetEntityIndex } from "./tables/entity-index.ts";
import type { WriteInput, WriteName, WriteResult, Writer } from "./writer.ts";
import { WRITES } from "./writes.ts";

/** These manage the file itself and cannot run inside a transaction. */
const OUTSIDE_A_TRANSACTION: ReadonlySet<WriteName> = new Set<WriteName>(["checkpoint", "vacuumSlice"]);

/** Runs one named change on the writing connection, as one transaction. */
export function execute<N extends WriteName>(db: Db, name: N, input: WriteInput<N>): WriteResult<N> {
  const statement = WRITES[name] as (db: Db, input: WriteInput<N>) => WriteResult<N>;
  if (OUTSIDE_A_TRANSACTION.has(name)) return statement(db, input);
  try {
    return db.transaction(() => statement(db, input));
  } catch (error) {
    forgetEntityIndex(db); // a transaction that was rolled back, even by its commit, may have made entities and counts
    throw error;
  }
}

/** A writer on this very thread: for replay, tests and commands that run alone. */
export function inlineWriter(db: Db): Writer {
  return {
    write: (name, input) => Promise.resolve().then(() => execute(db, name, input)),
  };
}
