import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { AS_STARTED } from "../e2e/program.ts";

/** Before all tests: what runs apps is compiled. Twenty processes that begin at once would wait for it else, on a busy machine for a minute. */
export default function compileApps(): void {
  const keep = join(import.meta.dirname, "../../src/keep-compiled.js");
  spawnSync(process.execPath, [...AS_STARTED, "--import", keep, "--eval", ""], { stdio: "ignore" });
}
