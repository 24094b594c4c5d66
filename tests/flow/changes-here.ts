import { createStages } from "../../src/flow/stages.ts";
import { createJumpingClock } from "../../src/runtime/clock.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { OPTIONS } from "./small-home-options.ts";

/** A process of its own that lets windows of `later_features` arrive, five days at a time, and looks for changes after each: to be killed. */
const [path = "", nowMs = ""] = process.argv.slice(2);
const db = openForWriting(path);
const reader = openForReading(path);
const stages = createStages({
  reader,
  writer: inlineWriter(db),
  clock: createJumpingClock(Number(nowMs)),
  isCancelled: () => false,
  options: OPTIONS,
});
process.stdout.write("begun\n");
for (;;) {
  db.transaction(() => {
    db.run("INSERT INTO features SELECT * FROM later_features ORDER BY window_no LIMIT 1453");
    db.run("DELETE FROM later_features WHERE window_no <= (SELECT MAX(window_no) FROM features)");
  });
  await stages.changes({});
  if (reader.get("SELECT 1 FROM later_features LIMIT 1") === undefined) break;
}
process.stdout.write("done\n");
