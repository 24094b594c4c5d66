import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { AS_STARTED } from "../e2e/program.ts";

/** Before all tests: what the program compiles at its first start is compiled. Twenty processes that begin at once would wait for it else, on a busy machine for a minute. */
export default function compileProgram(): void {
  spawnSync(process.execPath, [...AS_STARTED, join(import.meta.dirname, "../../src/main.ts"), "--help"], { stdio: "ignore" });
}
