import { expect } from "vitest";
import { openUnshared } from "../../src/store/db.ts";
import { restore } from "../../src/store/restore.ts";
import { NOW } from "./kept-home.ts";

/** A restore whose last step fails, as if it had been killed before it; what kept it from that is taken away again. */
export async function cutOffRestore(path: string, source: string, nowMs = NOW + 1000): Promise<void> {
  const spoiled = openUnshared(source);
  spoiled.exec("CREATE TRIGGER cut BEFORE INSERT ON metadata WHEN NEW.key = 'restored_at' BEGIN SELECT RAISE(ABORT, 'cut off'); END");
  spoiled.close();
  await expect(restore({ dbPath: path, source, nowMs, loss: null })).rejects.toThrow("cut off");
  for (const each of [path, source]) {
    const db = openUnshared(each);
    db.exec("DROP TRIGGER cut");
    db.close();
  }
}
