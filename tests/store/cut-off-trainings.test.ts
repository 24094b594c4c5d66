import { expect, test } from "vitest";
import { execute } from "../../src/store/inline-writer.ts";
import { CUT_OFF, hasCutOffTraining } from "../../src/store/tables/models.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { NOW } from "./kept-home.ts";

type Run = "completed" | "failed" | keyof typeof CUT_OFF;

function afterRuns(stories: readonly (readonly Run[])[]): boolean {
  const db = temporaryDatabase();
  const targets = stories.map((_, n) => ({ name: `t${n}`, startEntity: `input_datetime.a${n}`, endEntity: `input_datetime.b${n}` }));
  execute(db, "putTargets", { targets, nowMs: NOW });
  stories.forEach((runs, n) => {
    for (const run of runs) {
      const [status, notes] = run === "completed" || run === "failed" ? [run, "no more"] : ["failed", CUT_OFF[run]];
      db.run("INSERT INTO clr_training_runs (target_id, status, started_at_ms, notes) VALUES (?, ?, ?, ?)", n + 1, status, NOW, notes);
    }
  });
  return hasCutOffTraining(db);
}

// Broken once: with nothing but the newest run looked at, a training that ends the app each time is begun at every start, for ever.
test.each<[boolean, readonly (readonly Run[])[]]>([
  [false, [[]]],
  [false, [["completed"]]],
  [true, [["stopped"]]],
  [true, [["completed", "silent", "stopped"]]],
  [false, [["stopped", "stopped", "stopped"]]],
  [false, [["completed", "stopped", "silent", "cancelled", "stopped"]]],
  [true, [["stopped", "stopped", "stopped", "completed", "stopped"]]],
  [false, [["stopped", "failed"]]],
  [true, [["stopped", "stopped", "stopped"], ["cancelled"]]],
])("a training that was cut off is done again at the next start (%j), but not after three in a row: %j", (isDone, stories) => {
  expect(afterRuns(stories)).toBe(isDone);
});
