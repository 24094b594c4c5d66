import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { AS_STARTED, temporaryFolder } from "../e2e/program.ts";

test("whoever has read enough of an export closes it, and that is no fault", async () => {
  const { folder, database, remove } = temporaryFolder();
  const db = openForWriting(database);
  migrate(db, 0);
  db.run(
    `INSERT INTO gaps (from_ms, to_ms, reason, outcome, noted_at_ms)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i * 1000, i * 1000 + 1, 'not running', 'filled', 0 FROM n`,
  );
  db.close();
  const program = join(import.meta.dirname, "../../src/cli.ts");
  const child = spawn(process.execPath, [...AS_STARTED, program, "export", "vw_gaps"], {
    env: { PATH: process.env["PATH"], DATA_FOLDER: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("close", resolve));
  // Broken once: without the ear for it, it ended with "write EPIPE" and code 1.
  expect([code, stderr]).toEqual([0, ""]);
  remove();
});
