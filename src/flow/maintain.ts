import { Cancelled, type StageContext } from "./stage.ts";

const ROWS_PER_SLICE = 5000;

/** Nightly care: the file is checked, old rows go in small transactions, free pages are given back. Returns the rows trimmed. */
export async function maintain(context: StageContext): Promise<{ trimmed: number; intact: boolean }> {
  const { reader, writer, clock, options } = context;
  const found = reader.all<{ quick_check: string }>("PRAGMA quick_check(5)").map((row) => row.quick_check);
  const intact = found.length === 1 && found[0] === "ok";
  if (intact) await writer.write("clearDegraded", { code: "database_damaged" });
  else {
    await writer.write("markDegraded", {
      code: "database_damaged",
      sinceMs: clock.nowMs(),
      cause: `SQLite's check of the file found: ${found.join("; ")}`,
      effect: "Some stored rows may be unreadable.",
      remedy: "Stop the app, keep a copy of the file, and restore the newest backup.",
    });
  }
  // What is trimmed depends on which event is an entity's newest.
  await writer.write("saveEntityStates", null);
  let trimmed = 0;
  for (;;) {
    if (context.isCancelled()) throw new Cancelled("maintenance");
    const rows = await writer.write("trim", {
      ...options.retention,
      gridMs: options.gridMs,
      nowMs: clock.nowMs(),
      maxRows: ROWS_PER_SLICE,
    });
    trimmed += rows;
    if (rows < ROWS_PER_SLICE) break;
  }
  await writer.write("checkpoint", null);
  return { trimmed, intact };
}
