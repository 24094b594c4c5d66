import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../../src/build.js", import.meta.url));

/** Before any test: the program that is started and the panel that is served are those of the sources of today. */
export default function setup(): void {
  const { status, stderr } = spawnSync(process.execPath, [BUILD], { encoding: "utf8" });
  if (status !== 0) throw new Error(`The program cannot be built: ${stderr}`);
}
