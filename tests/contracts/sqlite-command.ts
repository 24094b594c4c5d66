import { spawnSync } from "node:child_process";
import type { Row } from "./contract-database.ts";

/** The oldest SQLite that Home Assistant runs on. */
export const OLDEST_SQLITE = "3.40.1";

/** The `sqlite3` command's version, or null where it is not installed. */
export const sqliteCommandVersion: string | null = spawnSync("sqlite3", ["--version"], { encoding: "utf8" }).stdout?.split(" ")[0] ?? null;

/** For titles: says which version read, or why the test is skipped. */
export const sqliteCommandLabel =
  sqliteCommandVersion === null ? `sqlite3 command (not installed; wanted: ${OLDEST_SQLITE})` : `sqlite3 command ${sqliteCommandVersion}`;

/** @throws with SQLite's own words when the file or the statement is refused. */
export function readByCommand(path: string, sql: string): Row[] {
  const run = spawnSync("sqlite3", ["-batch", "-init", "/dev/null", "-readonly", "-json", path, sql], { encoding: "utf8" });
  if (run.status !== 0 || run.stderr !== "") throw new Error(run.stderr || `sqlite3 ended with ${run.status}`);
  return run.stdout === "" ? [] : (JSON.parse(run.stdout) as Row[]);
}
