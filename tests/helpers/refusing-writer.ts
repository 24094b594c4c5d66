import type { WriteName, Writer } from "../../src/store/writer.ts";

/** A writer that refuses what is named in `refused`, as one does whose disk is full. */
export function refusingWriter(inner: Writer, refused: Set<WriteName>): Writer {
  return {
    write: (name, input) => (refused.has(name) ? Promise.reject(new Error("database or disk is full")) : inner.write(name, input)),
  };
}
